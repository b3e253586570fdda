"""The GPT of genlab's presets in PyTorch, nanoGPT's recipe on the characters of a text: gpt.py TEXT [STEPS] [SEED].

Prints a JSON line an evaluation. `make bench` times its step.
"""
import json
import math
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, embed, heads, bias):
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(embed, bias=bias), nn.LayerNorm(embed, bias=bias)
        self.c_attn, self.proj = nn.Linear(embed, 3 * embed, bias=bias), nn.Linear(embed, embed, bias=bias)
        self.fc, self.out = nn.Linear(embed, 4 * embed, bias=bias), nn.Linear(4 * embed, embed, bias=bias)

    def forward(self, x):
        b, t, e = x.shape
        q, k, v = (y.view(b, t, self.heads, -1).transpose(1, 2) for y in self.c_attn(self.ln_1(x)).split(e, 2))
        x = x + self.proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, e))
        return x + self.out(F.gelu(self.fc(self.ln_2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, vocab, block, layers, heads, embed, bias=False):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, embed), nn.Embedding(block, embed)
        self.h = nn.Sequential(*(Block(embed, heads, bias) for _ in range(layers)))
        self.ln_f = nn.LayerNorm(embed, bias=bias)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * layers) if name.endswith(("proj.weight", "out.weight")) else 0.02)

    def forward(self, x):
        return self.ln_f(self.h(self.wte(x) + self.wpe.weight[: x.shape[1]])) @ self.wte.weight.T


def optimizer(model):
    matrices, vectors = [p for p in model.parameters() if p.dim() >= 2], [p for p in model.parameters() if p.dim() < 2]
    return torch.optim.AdamW([dict(params=matrices, weight_decay=0.1), dict(params=vectors, weight_decay=0.0)],
                             lr=1e-3, betas=(0.9, 0.95))


def update(model, adam, x, y):
    loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    adam.step()
    adam.zero_grad(set_to_none=True)
    return loss.item()


def train(path, steps, seed):
    torch.manual_seed(seed)
    text = pathlib.Path(path).read_text(encoding="utf-8-sig")
    index = {c: i for i, c in enumerate(sorted(set(text)))}
    tokens = torch.tensor([index[c] for c in text])
    cut = int(0.9 * len(tokens))

    def batch(part, n=12, block=64):
        at = torch.randint(len(part) - block, (n,))
        return torch.stack([part[i:i + block] for i in at]), torch.stack([part[i + 1:i + block + 1] for i in at])

    model = GPT(len(index), 64, 4, 4, 128)
    adam = optimizer(model)
    began = time.perf_counter()
    for step in range(steps):
        share = max(0, (step - 100) / (steps - 100))
        rate = 1e-3 * (step + 1) / 101 if step < 100 else 1e-4 + 0.5 * (1 + math.cos(math.pi * share)) * 9e-4
        for group in adam.param_groups:
            group["lr"] = rate
        update(model, adam, *batch(tokens[:cut]))
        if (step + 1) % 250 == 0 or step + 1 == steps:
            seconds = time.perf_counter() - began
            with torch.no_grad():
                losses = [F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item() for x, y in (batch(tokens[cut:]) for _ in range(200))]
            print(json.dumps(dict(step=step + 1, val_loss=round(sum(losses) / 200, 4), ms=round(1000 * seconds / (step + 1), 1))), flush=True)


if __name__ == "__main__":
    train(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
