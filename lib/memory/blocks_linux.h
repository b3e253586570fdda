#include <stddef.h>
#include <stdint.h>

#define LARGE ((size_t)1 << 20)     // a block is kept from here on
#define HUGE_PAGE ((size_t)2 << 20) // its address is a multiple of it

void *genlab_block_take(size_t size); // NULL if the kernel gives none
size_t genlab_block_size(void *p);    // 0 if no block in use begins at p
int genlab_block_release(void *p);    // 0 likewise

// A fork waits until no other thread holds the blocks' lock, which nobody in the child would give back.
void genlab_blocks_lock(void);
void genlab_blocks_unlock(void);
