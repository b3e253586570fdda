package memory

// Env is the environment variable that, set to off, leaves all memory to the C library.
const Env = "GENLAB_MEMORY"
