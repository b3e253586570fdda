const char *hammer(unsigned seed, int times, int kept); // what went wrong; NULL is nothing
void churn(int times);                                  // hardly more than taking the blocks' lock
int fork_and_hammer(int kept);                          // the child's status
int keeps(void);                                        // whether a freed large block is given out again
