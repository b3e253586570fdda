#!/usr/bin/env python3
"""Writes recurrent.json: PyTorch's recurrent layers with all their options, for rnn_test.go.

Made with: torch 2.9.1.
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def flat(t):
    return [round(v, 7) for v in t.detach().flatten().tolist()]


def layers():
    """Each kind of cell: outputs, last state and the gradients of everything, for a loss that weighs all of them."""
    list = []
    for cell, cls, extra in [("tanh", nn.RNN, {}), ("relu", nn.RNN, dict(nonlinearity="relu")), ("lstm", nn.LSTM, {}), ("gru", nn.GRU, {})]:
        for options, lengths in [
            (dict(), None),
            (dict(num_layers=2, bidirectional=True, batch_first=True), [4, 2, 5]),
            (dict(bias=False, batch_first=True, bidirectional=True), None),
        ]:
            layer = cls(3, 4, **options, **extra)
            first = options.get("batch_first", False)
            x = torch.randn(3, 5, 3) if first else torch.randn(5, 3, 3)
            runs = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
            state = tuple(torch.randn(runs, 3, 4) for _ in range(2 if cell == "lstm" else 1))
            for t in (x, *state):
                t.requires_grad_()
            given = state if cell == "lstm" else state[0]
            if lengths:
                y, last = layer(pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=False), given)
                y, _ = pad_packed_sequence(y, batch_first=first)
            else:
                y, last = layer(x, given)
            last = last if cell == "lstm" else (last,)
            loss = torch.sin(y).sum() + sum((t * t).sum() for t in last)
            loss.backward()
            list.append(dict(
                cell=cell, options=options, lengths=lengths, printed=str(layer), x=flat(x), state=[flat(t) for t in state],
                params={k: flat(p) for k, p in layer.named_parameters()}, y=flat(y), last=[flat(t) for t in last],
                grad=dict(x=flat(x.grad), state=[flat(t.grad) for t in state], params={k: flat(p.grad) for k, p in layer.named_parameters()})))
    text = json.dumps(dict(program="testdata/make_recurrent.py", torch=torch.__version__, cases=list), separators=(",", ":"))
    (pathlib.Path(__file__).parent / "recurrent.json").write_text(text + "\n")


torch.manual_seed(1)
layers()
