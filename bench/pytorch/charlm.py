"""The character language model in PyTorch eager, for losses and writing speed.

    charlm.py TEXT [EPOCHS] [SEED] [CHARACTERS] [FIRST] [--hidden N] [--layers N]

The same layers, data, optimiser and carried state as `genlab train lstm`: batches are lanes of the text's first 90%, the state goes
from batch to batch, detached. Prints a JSON line an epoch, then the rate of a Python loop that writes. FIRST is a .safetensors file to
write the first weights to, from which `genlab train lstm --start FIRST` begins as well.
"""
import argparse
import json
import time

import torch
from safetensors.torch import save_file
from torch import nn

BATCH, LENGTH, EMBED, RATE, CLIP = 32, 64, 64, 2e-3, 5.0


class CharLM(nn.Module):
    def __init__(self, vocab, hidden, layers):
        super().__init__()
        self.embed = nn.Embedding(vocab, EMBED)
        self.rnn = nn.LSTM(EMBED, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, vocab)

    def forward(self, x, state=None):
        y, state = self.rnn(self.embed(x), state)
        return self.head(y), state


def lanes(tokens):
    lane = (len(tokens) - 1) // BATCH
    for step in range(lane // LENGTH):
        starts = [i * lane + step * LENGTH for i in range(BATCH)]
        yield (torch.stack([tokens[s : s + LENGTH] for s in starts]), torch.stack([tokens[s + 1 : s + LENGTH + 1] for s in starts]))


def run(model, tokens, adam=None):
    """Mean loss over the lanes, training when there is an optimiser."""
    state, total, steps = None, 0.0, 0
    for x, y in lanes(tokens):
        with torch.set_grad_enabled(adam is not None):
            logits, state = model(x, state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
        if adam:
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            adam.step()
        state = tuple(s.detach() for s in state)
        total, steps = total + loss.item(), steps + 1
    return total / steps


@torch.no_grad()
def write(model, count):
    token, state = torch.zeros(1, 1, dtype=torch.long), None
    for _ in range(count):
        logits, state = model(token, state)
        token = torch.multinomial(torch.softmax(logits[:, -1], -1), 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    parser.add_argument("epochs", nargs="?", type=int, default=2)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("characters", nargs="?", type=int, default=2000)
    parser.add_argument("first", nargs="?")
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=1)
    args = parser.parse_args()
    text = open(args.text, encoding="utf-8").read().removeprefix("\ufeff")
    torch.manual_seed(args.seed)
    vocab = {c: i for i, c in enumerate(sorted(set(text)))}
    tokens = torch.tensor([vocab[c] for c in text])
    cut = int(0.9 * len(tokens))
    model = CharLM(len(vocab), args.hidden, args.layers)
    if args.first:
        save_file(model.state_dict(), args.first)
    adam = torch.optim.Adam(model.parameters(), lr=RATE)
    for epoch in range(1, args.epochs + 1):
        began = time.perf_counter()
        loss = run(model, tokens[:cut], adam)
        seconds = time.perf_counter() - began
        print(json.dumps(dict(epoch=epoch, seconds=round(seconds, 1), loss=round(loss, 4), validation_loss=round(run(model, tokens[cut:]), 4))), flush=True)
    write(model, 50)
    began = time.perf_counter()
    write(model, args.characters)
    print(json.dumps(dict(characters_per_second=round(args.characters / (time.perf_counter() - began)))))


main()
