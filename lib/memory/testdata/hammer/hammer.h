const char *hammer(unsigned seed, int times, int kept); // what went wrong; NULL is nothing
int fork_and_hammer(int kept);                          // the child's status
int keeps(void);                                        // whether a freed large block is given out again
