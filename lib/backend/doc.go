// Package backend opens the compute backend that every graph runs on, and finds, checks and installs
// the PJRT plugins that XLA needs.
//
// [Open] obeys GOMLX_BACKEND ("xla:cpu", "xla:cuda", "go", …). Without it: CUDA when a GPU and its plugin
// are there, XLA on the CPU when its plugin is, else the pure-Go backend, saying so in one line.
// Opening never downloads: [Install] does, when asked. On Linux, what XLA compiles
// is kept on disk for the next process (GENLAB_PROGRAMS).
//
// What is hooked: on Linux the first XLA plugin that is opened is handed to go-xla as a copy of its table of functions, in which two may be
// ours. PJRT_Client_Compile keeps what is compiled and chooses the library of large products; PJRT_Buffer_ToHostBuffer, of the pinned CPU
// plugin alone, reads a result where it lies. go-xla has no way to do either. With another plugin
// than the pinned one and GENLAB_PROGRAMS=off the table is the plugin's own; with GOMLX_BACKEND=go there is no plugin.
// Memory is the C library's own: who wants the large blocks that XLA frees kept for its next call imports genlab/lib/memory, which
// replaces the allocator of the process, as the command genlab does unless GENLAB_MEMORY=off.
package backend
