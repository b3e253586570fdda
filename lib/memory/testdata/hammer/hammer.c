#include "hammer.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// What threads hand each other: one frees what another made.
#define SHARED 64
static struct block { unsigned char *p; size_t size; unsigned char mark; } shared[SHARED];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const size_t sizes[] = {1, 24, 4000, 200000, 1 << 20, 1500000, 3 << 20, 9 << 20};

// mark writes the same to begin, middle and end; marked says whether it still stands there.
static void mark(struct block b) { b.p[0] = b.p[b.size / 2] = b.p[b.size - 1] = b.mark; }
static int marked(struct block b) { return b.p[0] == b.mark && b.p[b.size / 2] == b.mark && b.p[b.size - 1] == b.mark; }

// make allocates by the function of that number.
static void *make(unsigned by, size_t align, size_t size) {
	void *p = NULL;
	switch (by % 7) {
	case 0: return posix_memalign(&p, align, size) == 0 ? p : NULL;
	case 1: return aligned_alloc(align, (size + align - 1) / align * align);
	case 2: return memalign(align, size);
	case 3: return malloc(size);
	case 4: return calloc(1, size);
	case 5: return realloc(NULL, size);
	default: return reallocarray(NULL, size, 1);
	}
}

const char *hammer(unsigned seed, int times, int kept) {
	for (int i = 0; i < times; i++) {
		unsigned r = rand_r(&seed), by = rand_r(&seed);
		struct block b = {NULL, sizes[r % 8], r >> 8};
		size_t align = (size_t)64 << r / 8 % 8;
		if ((b.p = make(by, align, b.size)) == NULL) return "no memory";
		// mimalloc 2.0.9 does not align what its own aligned_alloc returns.
		if (by % 7 < 3 && (kept || by % 7 != 1) && (uintptr_t)b.p % align != 0) return "not aligned";
		if (by % 7 == 4 && (b.p[0] || b.p[b.size - 1])) return "calloc's memory is not zero";
		if (malloc_usable_size(b.p) < b.size) return "malloc_usable_size is less than what was asked for";
		mark(b);
		if (r / 64 % 3 == 0) {
			size_t size = sizes[by / 8 % 8];
			unsigned char *p = by & 64 ? realloc(b.p, size) : reallocarray(b.p, 1, size);
			if (p == NULL) return "no memory to resize";
			if (p[0] != b.mark || (b.size <= size && (p[b.size / 2] != b.mark || p[b.size - 1] != b.mark))) return "lost by realloc";
			b.p = p, b.size = size;
			mark(b);
		}
		pthread_mutex_lock(&lock);
		struct block old = shared[by / 64 % SHARED];
		shared[by / 64 % SHARED] = b;
		pthread_mutex_unlock(&lock);
		if (old.p != NULL && !marked(old)) return "overwritten";
		errno = 77;
		free(old.p);
		if (errno != 77) return "free changed errno";
	}
	void *p = &p, *had = p;
	if (posix_memalign(&p, 3, 2 << 20) != EINVAL || p != had) return "posix_memalign takes 3 for an alignment";
	volatile size_t many = SIZE_MAX / 4 + 2; // 4 times that is 4; the compiler must not see it
	errno = 0;
	if (reallocarray(NULL, many, 4) != NULL || errno != ENOMEM) return "reallocarray overflows";
	return NULL;
}

void churn(int times) {
	for (int i = 0; i < times; i++) {
		void *p = NULL;
		if (posix_memalign(&p, 64, 2 << 20) == 0) free(p);
	}
}

int fork_and_hammer(int kept) {
#ifdef __SANITIZE_ADDRESS__
	return 0; // its own locks don't survive a fork beside threads
#endif
	pthread_mutex_lock(&lock); // so that the child has it, to give it back
	pid_t child = fork();
	pthread_mutex_unlock(&lock);
	if (child == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(20); // a lock that nobody gives back
		_exit(hammer(1, 20, kept) != NULL);
	}
	int status = -1;
	if (child > 0) waitpid(child, &status, 0);
	return status;
}

int keeps(void) {
	void *a = NULL, *b = NULL;
	if (posix_memalign(&a, 64, 40 << 20) != 0) return 0;
	free(a);
	if (posix_memalign(&b, 64, 40 << 20) != 0) return 0;
	free(b);
	return a == b && (uintptr_t)a % (2 << 20) == 0;
}
