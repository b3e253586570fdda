//go:build cgo

package backend

/*
#include <malloc.h>

// At the program's start, for a thread's arena keeps the settings that it began with.
__attribute__((constructor)) static void keep_memory(void) {
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 0x7fffffff);
	mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
	mallopt(M_TOP_PAD, 64 << 20);
#endif
}
*/
import "C"

// The C library keeps what XLA frees for its next call. Otherwise each call of a graph takes its buffers from the kernel anew, page by
// page, all zeroed: a fourth of the processor time of a small training step. One arena for all threads would keep blocks above 64 MiB
// too, but XLA's compiler, whose threads then wait for each other, takes a third longer.
