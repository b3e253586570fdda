#!/usr/bin/env python3
"""PyTorch's times for the convolutions of conv_bench_test.go: the least of twenty calls, and the least processor time, channels-last, 2 threads. torch 2.9.1."""
import time

import torch

torch.set_num_threads(2)
LAYERS = [  # size, channels, filters, kernel, stride, padding, batch
    ((64, 64), 3, 64, 4, 2, 1, 64), ((32, 32), 64, 128, 4, 2, 1, 64), ((16, 16), 128, 256, 4, 2, 1, 64),
    ((8, 8), 256, 512, 4, 2, 1, 64), ((4, 4), 512, 1, 4, 1, 0, 64), ((4, 4), 512, 100, 4, 1, 0, 64),
    ((32, 32), 64, 64, 3, 1, 1, 32), ((8, 8), 256, 256, 3, 1, 1, 32), ((28, 28), 64, 64, 1, 1, 0, 32), ((1024,), 64, 64, 2, 1, 0, 16),
]
for size, cin, cout, k, s, p, n in LAYERS:
    memory = torch.channels_last if len(size) == 2 else torch.contiguous_format
    conv = torch.nn.functional.conv2d if len(size) == 2 else torch.nn.functional.conv1d
    x = torch.randn(n, cin, *size).to(memory_format=memory)
    w = torch.randn(cout, cin, *[k] * len(size)).to(memory_format=memory)
    y = conv(x, w, stride=s, padding=p)
    v = torch.randn_like(y)
    one, none = [1] * len(size), [0] * len(size)
    grad = lambda mask: torch.ops.aten.convolution_backward(v, x, w, None, [s] * len(one), [p] * len(one), one, False, none, 1, mask)
    times = []
    for f in lambda: conv(x, w, stride=s, padding=p), lambda: grad([True, False, False]), lambda: grad([False, True, False]):
        least = cpu = 1e9
        for _ in range(20):
            start, busy = time.perf_counter(), time.process_time()
            f()
            least, cpu = min(least, time.perf_counter() - start), min(cpu, time.process_time() - busy)
        times.append(f"{least * 1e3:.1f} ({cpu * 1e3:.1f})")
    print("×".join(map(str, size)), cin, cout, f"k{k}s{s}", "forward/input/kernel", *times)
