//go:build cgo && !asan && !msan

// Large blocks of memory, kept for XLA's next call: see doc.go.
#include "blocks_linux.h"

#include <pthread.h>
#include <sys/mman.h>

#define PAGE ((size_t)64 << 10)     // sizes are multiples of it
#define BLOCKS 4096

struct block {
	char *at; // NULL where there is none
	size_t size;
	uint64_t freed; // when, counted in frees; 0 while in use
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct block blocks[BLOCKS];
static int top;                    // those from here on were never used
static size_t held, used, peak;    // bytes: from the kernel, in use, the most that was in use
static uint64_t frees;

static void unmap(struct block *b) {
	munmap(b->at, b->size);
	held -= b->size;
	b->at = NULL;
}

// unmap_oldest gives the kernel the block that has been free longest; 0 if there is none.
static int unmap_oldest(void) {
	struct block *oldest = NULL;
	for (struct block *b = blocks; b < blocks + top; b++)
		if (b->at != NULL && b->freed > 0 && (oldest == NULL || b->freed < oldest->freed)) oldest = b;
	if (oldest != NULL) unmap(oldest);
	return oldest != NULL;
}

// map takes a block from the kernel; NULL if there is none.
static struct block *map(size_t size) {
	struct block *b = blocks;
	while (b < blocks + top && b->at != NULL) b++;
	if (b == blocks + BLOCKS) return NULL;
	char *p = mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) return NULL;
	char *at = (char *)(((uintptr_t)p + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
	if (at > p) munmap(p, at - p);
	if (at < p + HUGE_PAGE) munmap(at + size, p + HUGE_PAGE - at);
	madvise(at, size, MADV_HUGEPAGE);
	*b = (struct block){at, size, 0};
	if (b == blocks + top) top++;
	held += size;
	return b;
}

// take gives the smallest free block that is large enough and at most an eighth larger, else a new one. What is held stays within an
// eighth more than the most that was in use at once.
static void *take(size_t size) {
	size = (size + PAGE - 1) / PAGE * PAGE;
	struct block *best = NULL;
	for (struct block *b = blocks; b < blocks + top; b++)
		if (b->at != NULL && b->freed > 0 && b->size >= size && b->size <= size + size / 8 && (best == NULL || b->size < best->size)) best = b;
	if (best == NULL) {
		size_t most = used + size > peak ? used + size : peak;
		while (held + size > most + most / 8 && unmap_oldest()) {}
		while ((best = map(size)) == NULL && unmap_oldest()) {}
		if (best == NULL) return NULL;
	}
	best->freed = 0;
	used += best->size;
	if (used > peak) peak = used;
	return best->at;
}

// may_be_ours needs no lock: nearly all that is freed is not.
static int may_be_ours(void *p) { return p != NULL && (uintptr_t)p % HUGE_PAGE == 0; }

// find gives the block in use at p; NULL if there is none: freeing a block twice comes to the C library, which says so.
static struct block *find(void *p) {
	struct block *b = blocks;
	while (b < blocks + top && b->at != p) b++;
	return b < blocks + top && b->freed == 0 ? b : NULL;
}

size_t genlab_block_size(void *p) {
	if (!may_be_ours(p)) return 0;
	pthread_mutex_lock(&lock);
	struct block *b = find(p);
	size_t size = b != NULL ? b->size : 0;
	pthread_mutex_unlock(&lock);
	return size;
}

int genlab_block_release(void *p) {
	if (!may_be_ours(p)) return 0;
	pthread_mutex_lock(&lock);
	struct block *b = find(p);
	if (b != NULL) {
		b->freed = ++frees;
		used -= b->size;
	}
	pthread_mutex_unlock(&lock);
	return b != NULL;
}

void *genlab_block_take(size_t size) {
	pthread_mutex_lock(&lock);
	void *p = take(size);
	pthread_mutex_unlock(&lock);
	return p;
}

void genlab_blocks_lock(void) { pthread_mutex_lock(&lock); }
void genlab_blocks_unlock(void) { pthread_mutex_unlock(&lock); }
