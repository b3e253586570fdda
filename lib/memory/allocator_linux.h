// What becomes of large blocks, and why.
enum { MEMORY_KEPT, MEMORY_OFF, MEMORY_SETTING, MEMORY_ALLOCATOR, MEMORY_LINKER };

int genlab_memory(void);
