"""The article's RNN and its cases; the recurrent layers with all their options, for lib/nn's own test."""
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import case

LIB = pathlib.Path(__file__).parents[2] / "lib"
LAYERS = LIB / "nn/testdata/recurrent.json"
TRAINING = LIB / "models/rnn/testdata/training.json"


class RNNModel(nn.Module):
    def __init__(self, input_size=10, hidden_size=20, output_size=10):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x, hidden):
        out, hidden = self.rnn(x, hidden)
        return self.fc(out), hidden


def make(root):
    for name, config, batch, length in [
        ("rnn-forward", dict(input_size=10, hidden_size=20, output_size=10), 5, 15),
        ("rnn-forward-long", dict(input_size=4, hidden_size=7, output_size=3), 2, 40),
    ]:
        model = RNNModel(**config)
        x, hidden = torch.randn(batch, length, config["input_size"]), torch.randn(1, batch, config["hidden_size"])
        out, last = model(x, hidden)
        case.write(root, name, "forward", "rnn", config, case.state(model), dict(x=x, hidden=hidden), dict(output=out, hidden=last), mode="train")

    for name, length in [("rnn-steps", 15), ("rnn-steps-long", 60)]:
        config = dict(input_size=10, hidden_size=20, output_size=10, lr=1e-3, steps=10)
        model = RNNModel()
        weights = case.state(model)
        adam = torch.optim.Adam(model.parameters(), lr=config["lr"])
        x, hidden = torch.randn(5, length, 10), torch.randn(1, 5, 20)
        labels = torch.randint(0, 10, (5, length))
        losses, expected = [], {}
        for step in range(config["steps"]):
            adam.zero_grad()
            out, _ = model(x, hidden)
            loss = nn.functional.cross_entropy(out.reshape(-1, 10), labels.reshape(-1))
            loss.backward()
            if step == 0:
                expected = {f"grad.{k}": p.grad.clone() for k, p in model.named_parameters()}
            adam.step()
            losses.append(loss.detach())
        expected |= {"loss": torch.stack(losses)} | {f"param.{k}": v for k, v in model.state_dict().items()}
        case.write(root, name, "step", "rnn", config, weights, dict(x=x, hidden=hidden, labels=labels), expected, rtol=1e-3, atol=1e-5)
    layers()
    training()


def flat(t):
    return [round(v, 7) for v in t.detach().flatten().tolist()]


class CharLM(nn.Module):
    def __init__(self, vocab, embed, hidden, layers):
        super().__init__()
        self.embed = nn.Embedding(vocab, embed)
        self.rnn = nn.LSTM(embed, hidden, layers, batch_first=True)
        self.head = nn.Linear(hidden, vocab)

    def forward(self, x, state):
        y, state = self.rnn(self.embed(x), state)
        return self.head(y), state


def training():
    """The language model's training: lanes, carried state, clipped gradients, Adam; three epochs of four steps."""
    vocab, batch, length, steps = 6, 2, 5, 4
    model = CharLM(vocab, 4, 5, 2)
    params = {k: flat(p) for k, p in model.named_parameters()}
    adam = torch.optim.Adam(model.parameters(), lr=2e-2)
    tokens = torch.randint(0, vocab, (2, steps * length + 1))
    losses, validation = [], []
    for epoch in range(3):
        for train in (True, False):
            state, total = None, 0.0
            for step in range(steps):
                piece = tokens[:, step * length : (step + 1) * length + 1]
                logits, state = model(piece[:, :-1], state)
                loss = nn.functional.cross_entropy(logits.flatten(0, 1), piece[:, 1:].flatten())
                state = tuple(s.detach() for s in state)
                if train:
                    adam.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(model.parameters(), 0.2)
                    adam.step()
                    losses.append(loss.item())
                else:
                    total += loss.item() / steps
        validation.append(total)
    text = dict(program="tests/parity/rnn.py", torch=torch.__version__, tokens=tokens.tolist(), params=params, losses=losses, validation=validation)
    TRAINING.write_text(json.dumps(text, separators=(",", ":")) + "\n")


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
    text = json.dumps(dict(program="tests/parity/rnn.py", torch=torch.__version__, cases=list), separators=(",", ":"))
    LAYERS.write_text(text + "\n")


if __name__ == "__main__":
    torch.manual_seed(1)
    make(case.ROOT)
