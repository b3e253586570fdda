package rnn_test

import _ "genlab/lib/memory" // benchmarks time what the command runs
