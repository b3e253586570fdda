// Package backend opens the compute backend that every graph runs on, and finds, checks and installs
// the PJRT plugins that XLA needs.
//
// [Open] obeys GOMLX_BACKEND ("xla:cpu", "xla:cuda", "go", …). Without it: CUDA when a GPU and its plugin
// are there, XLA on the CPU when its plugin is, else the pure-Go backend, saying so in one line.
// Opening never downloads: [Install] does, when asked. On Linux, what XLA compiles
// is kept on disk for the next process (GENLAB_PROGRAMS).
package backend
