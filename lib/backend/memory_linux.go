//go:build cgo

package backend

/*
#include <malloc.h>

static void keep_memory(void) {
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 0x7fffffff);
	mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
	mallopt(M_TOP_PAD, 64 << 20);
	mallopt(M_ARENA_MAX, 1); // the arenas of threads give back all the same
#endif
}
*/
import "C"

// keepMemory has the C library keep what XLA frees for its next call. Otherwise each call of a graph takes its buffers from the
// kernel anew, page by page, all zeroed: a fourth of the processor time of a small training step.
func keepMemory() { C.keep_memory() }
