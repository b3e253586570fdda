//go:build cgo && !asan && !msan

// The functions that may make or be given a large block, before the next allocator's, which has all other memory.
#define _GNU_SOURCE
#include "allocator_linux.h"

#include <features.h>

#ifdef __GLIBC__

#include "blocks_linux.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// What stands here until begin has run, before main, or for good where nobody runs it: Go's own linker leaves it out. Unless blocks are
// kept, all goes on to the next allocator.
static int state = MEMORY_LINKER;

static struct {
	void (*free)(void *);
	void *(*realloc)(void *, size_t);
	int (*posix_memalign)(void **, size_t, size_t);
	void *(*aligned_alloc)(size_t, size_t);
	void *(*memalign)(size_t, size_t);
	size_t (*malloc_usable_size)(void *);
} next;

// find_next looks the next allocator's functions up, once. It is 0 for the thread that does, for dlsym itself may free what an earlier
// error left.
static int find_next(void) {
	static _Atomic int found;
	static _Atomic pthread_t looks;
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	if (found) return 1;
	if (looks == pthread_self()) return 0;
	pthread_mutex_lock(&lock);
	looks = pthread_self();
	next.free = dlsym(RTLD_NEXT, "free");
	next.realloc = dlsym(RTLD_NEXT, "realloc");
	next.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
	next.aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
	next.memalign = dlsym(RTLD_NEXT, "memalign");
	next.malloc_usable_size = dlsym(RTLD_NEXT, "malloc_usable_size");
	found = 1;
	looks = 0;
	pthread_mutex_unlock(&lock);
	return 1;
}

// from_glibc says whether the C library itself defines what is at f.
static int from_glibc(void *f) {
	Dl_info theirs, glibc;
	void *version = dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
	return f && version && dladdr(f, &theirs) && dladdr(version, &glibc) && theirs.dli_fbase == glibc.dli_fbase;
}

static int decide(void) {
	const char *set = getenv("GENLAB_MEMORY");
	if (set && *set) return strcmp(set, "off") == 0 ? MEMORY_OFF : MEMORY_SETTING;
	if (!from_glibc(dlsym(RTLD_DEFAULT, "malloc")) || !from_glibc(next.free)) return MEMORY_ALLOCATOR;
	if (dlsym(RTLD_DEFAULT, "free") != (void *)free) return MEMORY_LINKER; // a shared library's are not the process's
	return MEMORY_KEPT;
}

int genlab_memory(void) { return state; }

// Declared here because pthread_atfork stands in a part of the C library that is linked statically, which Go's own linker doesn't read.
int __register_atfork(void (*)(void), void (*)(void), void (*)(void), void *);

__attribute__((constructor)) static void begin(void) {
	int e = errno;
	find_next();
	int decided = decide();
	if (decided == MEMORY_KEPT) __register_atfork(genlab_blocks_lock, genlab_blocks_unlock, genlab_blocks_unlock, NULL);
	state = decided;
	errno = e;
}

// take is NULL where the next allocator shall decide, about what is wrong as well.
static void *take(size_t align, size_t size) {
	if (state != MEMORY_KEPT || size < LARGE || size >= SIZE_MAX / 4 || align > HUGE_PAGE || (align & (align - 1)) != 0) return NULL;
	return genlab_block_take(size);
}

int posix_memalign(void **p, size_t align, size_t size) {
	void *got = align >= sizeof(void *) ? take(align, size) : NULL;
	if (got == NULL) return find_next() ? next.posix_memalign(p, align, size) : ENOMEM;
	*p = got;
	return 0;
}

void *aligned_alloc(size_t align, size_t size) {
	void *got = take(align, size);
	return got == NULL && find_next() ? next.aligned_alloc(align, size) : got;
}

void *memalign(size_t align, size_t size) {
	void *got = take(align, size);
	return got == NULL && find_next() ? next.memalign(align, size) : got;
}

size_t malloc_usable_size(void *p) {
	size_t size = genlab_block_size(p);
	return size == 0 && find_next() ? next.malloc_usable_size(p) : size;
}

void free(void *p) {
	int e = errno; // stays as it is
	if (!genlab_block_release(p) && find_next()) next.free(p);
	errno = e;
}

void *realloc(void *p, size_t size) {
	size_t had = genlab_block_size(p);
	if (had == 0) return find_next() ? next.realloc(p, size) : NULL;
	void *q = NULL;
	if (size > 0) {
		if ((q = malloc(size)) == NULL) return NULL;
		memcpy(q, p, had < size ? had : size);
	}
	free(p);
	return q;
}

void *reallocarray(void *p, size_t n, size_t each) {
	size_t size;
	if (!__builtin_mul_overflow(n, each, &size)) return realloc(p, size);
	errno = ENOMEM;
	return NULL;
}

#else

int genlab_memory(void) { return MEMORY_ALLOCATOR; }

#endif
