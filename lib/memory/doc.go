// Package memory keeps the large blocks of memory that XLA's CPU plugin frees, for its next call. It does so by being imported:
//
//	import _ "genlab/lib/memory"
//
// Each call of a graph takes its buffers anew. From glibc they come page by page, all zeroed by the kernel, for what a thread other than the
// program's first frees goes back: a training may spend half of its time so. XLA asks for all of them by posix_memalign. In a program that
// imports this package posix_memalign, aligned_alloc and memalign keep blocks of 1 MiB and more, in huge pages where there are any;
// free, realloc, reallocarray and malloc_usable_size, which may be given such a block, know them. All other memory is the C library's, as
// without. What is held stays within an eighth more than the most that was in use at once.
//
// That is the allocator of the whole process, so no other package of the library imports this one: the command genlab does, and a
// program may. Everything computes the same without it.
//
// It stands aside, every function handed on to the next allocator, where malloc is not glibc's own (another allocator in LD_PRELOAD,
// say), with GENLAB_MEMORY=off, and where the program's functions don't take the place of the C library's: Go's own linker
// (-ldflags=-linkmode=internal, which notebooks use for their cells) exports none. Programs built with -asan or -msan, without cgo, or
// for another system or C library than Linux and glibc have nothing of it. [Kept] says which.
//
// A library opened with RTLD_DEEPBIND or dlmopen goes past it to glibc, and must not free a large block that others allocated.
package memory
