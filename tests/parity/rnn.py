"""The article's RNN and its cases; the recurrent layers with all their options, for lib/nn's own test."""
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import case
from case import Case, settled

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


def forward(name, config, batch, length, mode):
    def compute(model, inputs):
        out, last = model(inputs["x"], inputs["hidden"])
        return dict(output=out, hidden=last)

    inputs = dict(x=torch.randn(batch, length, config["input_size"]), hidden=torch.randn(1, batch, config["hidden_size"]))
    return Case(name, "forward", "rnn", config, RNNModel(**config), inputs, compute, mode)


def steps(name, sizes, rule, batch, length):
    def compute(model, inputs):
        def loss(given):
            out, _ = model(given["x"], given["hidden"])
            return nn.functional.cross_entropy(out.flatten(0, 1), given["labels"].flatten())

        return case.train(model, loss, torch.optim.Adam(model.parameters(), lr=rule["lr"]), inputs, count=rule["steps"])

    inputs = dict(x=torch.randn(batch, length, sizes["input_size"]), hidden=torch.randn(1, batch, sizes["hidden_size"]),
                  labels=torch.randint(sizes["output_size"], (batch, length)))
    return Case(name, "step", "rnn", sizes | rule, RNNModel(**sizes), inputs, compute, rtol=1e-3, atol=1e-5)


def language(name, config, batch, length, state, mode):
    """The language model of characters, with a state to begin with or none."""
    def compute(model, inputs):
        given = tuple(inputs[k] for k in ("hidden", "cell") if k in inputs)
        logits, last = model(inputs["x"], (given if len(given) > 1 else given[0]) if given else None)
        last = last if isinstance(last, tuple) else (last,)
        return dict(zip(("logits", "hidden", "cell"), (logits, *last)))

    model = CharLM(len(config["vocab"]), config["embed"], config["hidden"], config["layers"], config["cell"])
    inputs = dict(x=torch.randint(len(config["vocab"]), (batch, length)))
    if state:
        for k in ("hidden", "cell") if config["cell"] == "lstm" else ("hidden",):
            inputs[k] = torch.randn(config["layers"], batch, config["hidden"])
    return Case(name, "forward", "charlm", config, model, inputs, compute, mode)


def make(root):
    article = dict(input_size=10, hidden_size=20, output_size=10)
    for made in [
        forward("rnn-forward", article, 5, 15, "train"),
        forward("rnn-forward-long", dict(input_size=4, hidden_size=7, output_size=3), 2, 40, "eval"),
        settled(steps, "rnn-steps", article, dict(lr=1e-3, steps=10), 5, 15),
        settled(steps, "rnn-steps-long", article, dict(lr=1e-3, steps=10), 5, 60),
        language("charlm-lstm", dict(cell="lstm", vocab="abcdefg", embed=5, hidden=6, layers=2, dropout=0.4), 3, 11, True, "eval"),
        language("charlm-gru", dict(cell="gru", vocab="abcd", embed=3, hidden=4, layers=1, dropout=0.0), 2, 6, False, "train"),
    ]:
        made.write(root)
    if root == case.ROOT:
        torch.manual_seed(1)
        layers()
        training()


def fresh(r):
    """Cases of random sizes."""
    def sizes():
        return dict(input_size=r.randint(1, 20), hidden_size=r.randint(1, 40), output_size=r.randint(2, 20))

    yield forward("rnn-forward", sizes(), r.randint(1, 7), r.choice([1, 2, r.randint(3, 80)]), r.choice(["train", "eval"]))
    yield settled(steps, "rnn-steps", sizes(), dict(lr=r.choice([1e-3, 1e-2]), steps=r.randint(1, 15)), r.randint(1, 7), r.choice([1, r.randint(2, 40)]))
    config = dict(cell=r.choice(["lstm", "gru", "rnn", "relu"]), vocab="abcdefghijklmnop"[:r.randint(2, 16)], embed=r.randint(1, 12),
                  hidden=r.randint(1, 20), layers=r.randint(1, 3), dropout=0.0)
    yield language("charlm", config, r.randint(1, 5), r.randint(1, 30), r.random() < 0.5, r.choice(["train", "eval"]))


def flat(t):
    return [round(v, 7) for v in t.detach().flatten().tolist()]


class CharLM(nn.Module):
    def __init__(self, vocab, embed, hidden, layers, cell="lstm"):
        super().__init__()
        self.embed = nn.Embedding(vocab, embed)
        options = dict(nonlinearity="relu") if cell == "relu" else {}
        self.rnn = dict(lstm=nn.LSTM, gru=nn.GRU, rnn=nn.RNN, relu=nn.RNN)[cell](embed, hidden, layers, batch_first=True, **options)
        self.head = nn.Linear(hidden, vocab)

    def forward(self, x, state):
        y, state = self.rnn(self.embed(x), state)
        return self.head(y), state


def training():
    """The language model's training by each kind of cell: lanes, carried state, clipped gradients, Adam; three epochs of four steps."""
    text = dict(program="tests/parity/rnn.py", torch=torch.__version__, cases=[trained(cell) for cell in ("lstm", "gru", "rnn", "relu")])
    TRAINING.write_text(json.dumps(text, separators=(",", ":")) + "\n")


def trained(cell):
    vocab, batch, length, steps = 6, 2, 5, 4
    model = CharLM(vocab, 4, 5, 2, cell)
    params = {k: flat(p) for k, p in model.named_parameters()}
    adam = torch.optim.Adam(model.parameters(), lr=2e-2)
    tokens = torch.randint(0, vocab, (batch, steps * length + 1))
    losses, validation = [], []
    for epoch in range(3):
        for train in (True, False):
            state, total = None, 0.0
            for step in range(steps):
                piece = tokens[:, step * length : (step + 1) * length + 1]
                logits, state = model(piece[:, :-1], state)
                loss = nn.functional.cross_entropy(logits.flatten(0, 1), piece[:, 1:].flatten())
                state = tuple(s.detach() for s in state) if cell == "lstm" else state.detach()
                if train:
                    adam.zero_grad()
                    loss.backward()
                    nn.utils.clip_grad_norm_(model.parameters(), 0.2)
                    adam.step()
                    losses.append(loss.item())
                else:
                    total += loss.item() / steps
        validation.append(total)
    return dict(cell=cell, tokens=tokens.tolist(), params=params, losses=losses, validation=validation)


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
