"""PixelRNN, its Row LSTM and its Diagonal BiLSTM, in PyTorch and JAX: parity's cases, the bench's sides, and a training to compare figures
with.

pixelrnn.py MNIST_FOLDER [EPOCHS] [SEED] [row|diagonal] trains genlab's presets default and bilstm in PyTorch eager, as pixelcnn.py beside it
does.
"""
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

sys.path.append(str(pathlib.Path(__file__).parents[2] / "pixelcnn/peer"))
import pixelcnn
from pixelcnn import MaskedConv2d, Pixels, outputs


def lstm(gates, c):
    o, f, i, g = gates.chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


class RowLSTM(nn.Module):
    def __init__(self, c):
        super().__init__()
        h, n = c["hidden"], c["channels"]
        self.input_to_state = MaskedConv2d(2 * h, 4 * h, (1, 3), "B", n, 4)
        self.state_to_state = nn.Conv1d(h, 4 * h, 3, padding=1, bias=False)
        self.up = MaskedConv2d(h, 2 * h, 1, "B", n)

    def forward(self, x):
        gates = self.input_to_state(x)
        h = c = x.new_zeros(len(x), gates.shape[1] // 4, x.shape[3])
        rows = []
        for row in range(x.shape[2]):
            h, c = lstm(gates[:, :, row] + self.state_to_state(h), c)
            rows.append(h)
        return self.up(torch.stack(rows, 2))


def skew(x):
    height, width = x.shape[2:]
    out = x.new_zeros(*x.shape[:3], width + height - 1)
    for i in range(height):
        out[:, :, i, i:i + width] = x[:, :, i]
    return out


def unskew(x):
    height = x.shape[2]
    width = x.shape[3] - height + 1
    return torch.stack([x[:, :, i, i:i + width] for i in range(height)], 2)


class Direction(nn.Module):
    def __init__(self, c):
        super().__init__()
        h = c["hidden"]
        self.input_to_state = MaskedConv2d(2 * h, 4 * h, 1, "B", c["channels"], 4)
        self.state_to_state = nn.Conv1d(h, 4 * h, 2, bias=False)

    def forward(self, x):
        gates = skew(self.input_to_state(x))
        h = c = x.new_zeros(len(x), gates.shape[1] // 4, x.shape[2])
        columns = []
        for column in range(gates.shape[3]):
            h, c = lstm(gates[..., column] + self.state_to_state(F.pad(h, (1, 0))), c)
            columns.append(h)
        return unskew(torch.stack(columns, 3))


class DiagonalLSTM(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.left, self.right = Direction(c), Direction(c)
        self.up = MaskedConv2d(c["hidden"], 2 * c["hidden"], 1, "B", c["channels"])

    def forward(self, x):
        right = self.right(x.flip(3)).flip(3)
        return self.up(self.left(x) + F.pad(right, (0, 0, 1, 0))[:, :, :-1])


class PixelRNN(Pixels):
    def __init__(self, **c):
        super().__init__()
        self.config, h, n = c, c["hidden"], c["channels"]
        self.input = MaskedConv2d(n, 2 * h, c["kernel"], "A", n)
        make = RowLSTM if c["variant"] == "row" else DiagonalLSTM
        self.layers = nn.ModuleList(make(c) for _ in range(c["layers"]))
        self.out1 = MaskedConv2d(2 * h, c["out_hidden"], 1, "B", n)
        self.out2 = MaskedConv2d(c["out_hidden"], outputs(c), 1, "B", n)

    def forward(self, x, y=None):
        h = self.input(self.scaled(x))
        for layer in self.layers:
            h = h + layer(h)
        return self.out2(F.relu(self.out1(F.relu(h))))


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    small = dict(channels=1, levels=2, hidden=4, layers=2, out_hidden=6, kernel=5)
    for variant in "row", "diagonal":
        config = small | dict(variant=variant)
        yield settled(pixelcnn.forward, f"pixelrnn-{variant}", "pixelrnn", PixelRNN, config, (2, 6, 5))
        yield settled(pixelcnn.steps, f"pixelrnn-{variant}-steps", "pixelrnn", PixelRNN, config | dict(layers=1) | pixelcnn.ADAM, 3, (2, 5, 6))
    yield settled(pixelcnn.forward, "pixelrnn-colour", "pixelrnn", PixelRNN, small | dict(variant="diagonal", channels=3, levels=4, hidden=6), (2, 4, 5))


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    for variant in "row", "diagonal":
        config, dims = pixelcnn.architecture(r)
        config |= dict(variant=variant)
        yield settled(pixelcnn.forward, "pixelrnn", "pixelrnn", PixelRNN, config, dims)
        yield settled(pixelcnn.steps, "pixelrnn-steps", "pixelrnn", PixelRNN, config | pixelcnn.ADAM, r.randint(1, 4), dims)


def bench_config(case):
    return pixelcnn.bench_config(case) | dict(variant="row")


def torch_side(case):
    return pixelcnn.torch_training(case, PixelRNN(**bench_config(case)))


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    import sides
    masks = pixelcnn.jax_masks(PixelRNN(**bench_config(case)))

    def loss(w, inputs):
        x = jnp.transpose(inputs["x"], (0, 2, 3, 1)).astype(jnp.float32)
        conv = lambda name, x: pixelcnn.jax_conv(w, name, x, masks.get(name))
        h = conv("input", x)
        for i in range(case.layers):
            p = f"layers.{i}."
            gates = jnp.moveaxis(conv(p + "input_to_state", h), 1, 0)
            kernel = jnp.transpose(w[p + "state_to_state.weight"], (2, 1, 0))

            def row(state, gates, kernel=kernel):
                h, c = state
                padded = jnp.pad(h, ((0, 0), (1, 1), (0, 0)))
                seen = jnp.concatenate([padded[:, :-2], h, padded[:, 2:]], -1)
                o, f, i, g = jnp.split(gates + seen @ kernel.reshape(-1, kernel.shape[-1]), 4, -1)
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
                h = jax.nn.sigmoid(o) * jnp.tanh(c)
                return (h, c), h

            zero = jnp.zeros((*gates.shape[1:3], case.hidden))
            h = h + conv(p + "up", jnp.moveaxis(jax.lax.scan(row, (zero, zero), gates)[1], 0, 1))
        return pixelcnn.bernoulli(conv("out2", jax.nn.relu(conv("out1", jax.nn.relu(h)))), x)

    return sides.jax_step(case, optax.adam(2e-3), loss)


PRESETS = {
    "row": dict(variant="row", channels=1, levels=2, hidden=32, layers=4, out_hidden=64, kernel=7),
    "diagonal": dict(variant="diagonal", channels=1, levels=2, hidden=32, layers=4, out_hidden=64, kernel=7),
}


def main():
    number = lambda i, otherwise: int(sys.argv[i]) if len(sys.argv) > i else otherwise
    net = PixelRNN(**PRESETS[sys.argv[4] if len(sys.argv) > 4 else "row"])
    pixelcnn.train(net, pathlib.Path(sys.argv[1]), number(2, 3), number(3, 1))


if __name__ == "__main__":
    main()
