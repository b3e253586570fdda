"""A training step of the article's RNN, and of an LSTM 512 wide at batch 32, in PyTorch eager: rnn.py [LENGTH ...]. Prints milliseconds."""
import sys
import time

import torch
from torch import nn


def measure(step, seconds=3.0):
    """Least and middle time of a step, in milliseconds."""
    for _ in range(3):
        step()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        began = time.perf_counter()
        step()
        times.append((time.perf_counter() - began) * 1e3)
    return f"least {min(times):.2f} ms, middle {sorted(times)[len(times) // 2]:.2f} ms"


def article():
    rnn, fc = nn.RNN(10, 20, batch_first=True), nn.Linear(20, 10)
    adam = torch.optim.Adam([*rnn.parameters(), *fc.parameters()], lr=1e-3)
    x, hidden, labels = torch.randn(5, 15, 10), torch.zeros(1, 5, 20), torch.randint(0, 10, (5 * 15,))

    def step():
        adam.zero_grad()
        out, _ = rnn(x, hidden)
        loss = nn.functional.cross_entropy(fc(out).reshape(-1, 10), labels)
        loss.backward()
        adam.step()
        loss.item()

    return step


def lstm(length):
    layer = nn.LSTM(512, 512, batch_first=True)
    x = torch.randn(32, length, 512, requires_grad=True)

    def step():
        layer.zero_grad()
        x.grad = None
        layer(x)[0].square().sum().backward()

    return step


torch.manual_seed(1)
print("article's RNN:", measure(article()), flush=True)
for length in [int(a) for a in sys.argv[1:]] or [128]:
    print(f"LSTM 512, batch 32, length {length}:", measure(lstm(length)), flush=True)
