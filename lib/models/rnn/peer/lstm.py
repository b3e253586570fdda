"""The language model of characters in PyTorch, an LSTM layer in PyTorch and JAX: parity's cases, the bench's sides, and a training to
compare figures with.

    lstm.py TEXT [EPOCHS] [SEED] [CHARACTERS] [FIRST] [--hidden N] [--layers N]

trains the model in PyTorch eager with the same layers, data, optimiser and carried state as `genlab train lstm`: batches are lanes of the
text's first 90%, the state goes from batch to batch, detached. Prints a JSON line an epoch, then the rate of a Python loop that writes.
FIRST is a .safetensors file to write the first weights to, from which `genlab train lstm --start FIRST` begins as well.
"""
import argparse
import json
import pathlib
import time

import torch
from safetensors.torch import save_file
from torch import nn

BATCH, LENGTH, EMBED, RATE, CLIP = 32, 64, 64, 2e-3, 5.0


class CharLM(nn.Module):
    def __init__(self, vocab, embed, hidden, layers, cell="lstm"):
        super().__init__()
        self.embed = nn.Embedding(vocab, embed)
        options = dict(nonlinearity="relu") if cell == "relu" else {}
        self.rnn = dict(lstm=nn.LSTM, gru=nn.GRU, rnn=nn.RNN, relu=nn.RNN)[cell](embed, hidden, layers, batch_first=True, **options)
        self.head = nn.Linear(hidden, vocab)

    def forward(self, x, state=None):
        y, state = self.rnn(self.embed(x), state)
        return self.head(y), state


def of(config):
    return CharLM(len(config["vocab"]), config["embed"], config["hidden"], config["layers"], config["cell"])


def loss_function(logits, labels):
    return nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())


def detached(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def step(model, adam, clip, x, labels, state):
    """A training step from a state on: the loss, the gradients before they are clipped, the state after."""
    logits, state = model(x, state)
    loss = loss_function(logits, labels)
    adam.zero_grad()
    loss.backward()
    grads = {k: p.grad.clone() for k, p in model.named_parameters()}
    if clip >= 0:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
    adam.step()
    return loss.detach(), grads, detached(state)


def forward(name, config, batch, length, state, mode):
    """With a state to begin with or none."""
    from case import Case

    def compute(model, inputs):
        given = tuple(inputs[k] for k in ("hidden", "cell") if k in inputs)
        logits, last = model(inputs["x"], (given if len(given) > 1 else given[0]) if given else None)
        last = last if isinstance(last, tuple) else (last,)
        return dict(zip(("logits", "hidden", "cell"), (logits, *last)))

    inputs = dict(x=torch.randint(len(config["vocab"]), (batch, length)))
    if state:
        for k in ("hidden", "cell") if config["cell"] == "lstm" else ("hidden",):
            inputs[k] = torch.randn(config["layers"], batch, config["hidden"])
    return Case(name, "forward", "lstm", config, of(config), inputs, compute, mode)


def steps(name, config, rule, count, batch, length):
    """The state goes from step to step, and begins anew after rule["steps"]."""
    import case

    def compute(model, inputs):
        adam = torch.optim.Adam(model.parameters(), lr=rule["lr"])
        losses, out, state = [], {}, None
        for i in range(count):
            if i % rule["steps"] == 0:
                state = None
            loss, grads, state = step(model, adam, rule["clip"], inputs["x"][i], inputs["labels"][i], state)
            losses.append(loss)
            out = out or {f"grad.{k}": g for k, g in grads.items()}
        return out | dict(loss=torch.stack(losses)) | {f"param.{k}": v for k, v in case.state(model).items()}

    tokens = torch.randint(len(config["vocab"]), (batch, count * length + 1))
    x, labels = (t.reshape(batch, count, length).transpose(0, 1) for t in (tokens[:, :-1], tokens[:, 1:]))
    return case.Case(name, "step", "lstm", config | rule, of(config), dict(x=x, labels=labels), compute, **case.STEPS)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    two = dict(cell="lstm", vocab="abcdefg", embed=5, hidden=6, layers=2, dropout=0.0)
    one = dict(cell="gru", vocab="abcd", embed=3, hidden=4, layers=1, dropout=0.0)
    yield forward("lstm-forward", two | dict(dropout=0.4), 3, 11, True, "eval")
    yield forward("lstm-forward-gru", one, 2, 6, False, "train")
    yield settled(steps, "lstm-steps", two, dict(lr=1e-2, clip=0.2, steps=3), 7, 3, 11)
    yield settled(steps, "lstm-steps-gru", one, dict(lr=2e-3, clip=-1.0, steps=100), 5, 2, 6)


def fresh(r):
    """Cases of random sizes."""
    from case import settled

    def config():
        return dict(cell=r.choice(["lstm", "gru", "rnn", "relu"]), vocab="abcdefghijklmnop"[:r.randint(2, 16)], embed=r.randint(1, 12),
                    hidden=r.randint(1, 20), layers=r.randint(1, 3), dropout=0.0)

    yield forward("lstm-forward", config(), r.randint(1, 5), r.randint(1, 30), r.random() < 0.5, r.choice(["train", "eval"]))
    rule = dict(lr=r.choice([2e-3, 1e-2]), clip=r.choice([-1.0, 0.1, 5.0]), steps=r.randint(1, 5))
    yield settled(steps, "lstm-steps", config(), rule, r.randint(1, 8), r.randint(1, 5), r.randint(1, 15))


def further(testdata):
    """training.json, for train_test.go: the model's training by each kind of cell, three epochs of four steps, each measured."""
    text = dict(program="peer/lstm.py", torch=torch.__version__, cases=[trained(cell) for cell in ("lstm", "gru", "rnn", "relu")])
    (pathlib.Path(testdata) / "training.json").write_text(json.dumps(text, separators=(",", ":")) + "\n")


def trained(cell):
    vocab, batch, length, count = 6, 2, 5, 4
    model = CharLM(vocab, 4, 5, 2, cell)
    params = {k: [round(v, 7) for v in p.detach().flatten().tolist()] for k, p in model.named_parameters()}
    adam = torch.optim.Adam(model.parameters(), lr=2e-2)
    tokens = torch.randint(0, vocab, (batch, count * length + 1))
    pieces = [tokens[:, i * length : (i + 1) * length + 1] for i in range(count)]
    losses, validation = [], []
    for epoch in range(3):
        state = None
        for piece in pieces:
            loss, _, state = step(model, adam, 0.2, piece[:, :-1], piece[:, 1:], state)
            losses.append(loss.item())
        state, total = None, 0.0
        for piece in pieces:
            logits, state = model(piece[:, :-1], state)
            total += loss_function(logits, piece[:, 1:]).item() / count
        validation.append(total)
    return dict(cell=cell, tokens=tokens.tolist(), params=params, losses=losses, validation=validation)


def torch_side(case):
    import sides
    model = nn.ModuleDict({"rnn": nn.LSTM(case.hidden, case.hidden, batch_first=True)})
    model.load_state_dict(case.torch("weights"))
    x = case.torch("inputs")["x"]
    return sides.torch_step(case, torch.optim.Adam(model.parameters(), lr=1e-3), lambda: model["rnn"](x)[0].square().mean())


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from sides import jax_step

    def loss(w, i):
        def cell(state, gx):
            h, c = state
            a, f, g, o = jnp.split(gx + h @ w["rnn.weight_hh_l0"].T, 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(a) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        # The part that needs no state, of all steps at once, time first.
        inputs = jnp.swapaxes(i["x"] @ w["rnn.weight_ih_l0"].T + w["rnn.bias_ih_l0"] + w["rnn.bias_hh_l0"], 0, 1)
        zero = jnp.zeros((case.batch, case.hidden))
        _, y = jax.lax.scan(cell, (zero, zero), inputs)
        return (y ** 2).mean()

    return jax_step(case, optax.adam(1e-3), loss)


def lanes(tokens):
    lane = (len(tokens) - 1) // BATCH
    for i in range(lane // LENGTH):
        starts = [n * lane + i * LENGTH for n in range(BATCH)]
        yield (torch.stack([tokens[s : s + LENGTH] for s in starts]), torch.stack([tokens[s + 1 : s + LENGTH + 1] for s in starts]))


def run(model, tokens, adam=None):
    """Mean loss over the lanes, training when there is an optimiser."""
    state, total, count = None, 0.0, 0
    for x, y in lanes(tokens):
        with torch.set_grad_enabled(adam is not None):
            logits, state = model(x, state)
            loss = loss_function(logits, y)
        if adam:
            adam.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            adam.step()
        state = detached(state)
        total, count = total + loss.item(), count + 1
    return total / count


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
    model = CharLM(len(vocab), EMBED, args.hidden, args.layers)
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


if __name__ == "__main__":
    main()
