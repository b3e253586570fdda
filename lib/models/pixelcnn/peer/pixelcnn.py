"""PixelCNN, gated PixelCNN and the mixture of logistic distributions in PyTorch and JAX: parity's cases, the bench's sides, and a training to
compare figures with.

pixelcnn.py MNIST_FOLDER [EPOCHS] [SEED] [WEIGHTS] trains genlab's default preset in PyTorch eager as `genlab train pixelcnn` does: batches of
16, the last partial one dropped, black and white drawn anew each time, Adam with the same schedule; it tests on one drawing of all 10,000 and
prints a JSON line an epoch. MNIST_FOLDER holds the four gzipped IDX files; WEIGHTS are the first ones, safetensors.
"""
import gzip
import json
import math
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

class MaskedConv2d(nn.Conv2d):
    """A convolution that sees what its mask leaves. Channel c of n is of colour c*colours//n, within each of the parts of the output."""

    def __init__(self, cin, cout, kernel, mask, colours=1, parts=1):
        kernel = (kernel, kernel) if isinstance(kernel, int) else kernel
        super().__init__(cin, cout, kernel, padding=(kernel[0] // 2, kernel[1] // 2))
        rows, columns = torch.arange(kernel[0])[:, None] - kernel[0] // 2, torch.arange(kernel[1])[None] - kernel[1] // 2
        if mask in ("A", "B"):
            seen = (rows < 0) | ((rows == 0) & (columns < 0))
            each = cout // parts
            of_in, of_out = torch.arange(cin) * colours // cin, (torch.arange(cout) % each) * colours // each
            own = of_in[None] < of_out[:, None] if mask == "A" else of_in[None] <= of_out[:, None]
            mask = seen.expand(cout, cin, *kernel) | (((rows == 0) & (columns == 0)).expand(cout, cin, *kernel) & own[:, :, None, None])
        else:
            mask = ((rows < 0) | ((rows == 0) & (mask == "above and own"))).expand(cout, cin, *kernel)
        self.register_buffer("mask", mask.float(), persistent=False)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


def outputs(c):
    mixtures, channels = c.get("mixtures", 0), c["channels"]
    if mixtures:
        return mixtures * (1 + 2 * channels + channels * (channels - 1) // 2)
    return channels if c["levels"] == 2 else channels * c["levels"]


def colours_of(c):
    return 1 if c.get("mixtures", 0) else c["channels"]


def mixture_nll(c, out, x):
    """-log p of pixels x, levels [B,C,H,W], by torch.distributions' own logistic distribution: [B,H,W]."""
    from torch import distributions as d
    k, channels, top = c["mixtures"], c["channels"], c["levels"] - 1
    out = out.permute(0, 2, 3, 1)
    v = 2 * x.permute(0, 2, 3, 1).to(out.dtype) / top - 1

    def take(start, each):
        return out[..., start:start + k * each].unflatten(-1, (k, each))

    logits, means, scales = take(0, 1)[..., 0], take(k, channels), take(k * (1 + channels), channels).clamp(min=-7)
    moves = take(k * (1 + 2 * channels), channels * (channels - 1) // 2).tanh()
    logp = logits.log_softmax(-1)
    for i in range(channels):
        mean = means[..., i]
        for j in range(i):
            mean = mean + moves[..., i * (i - 1) // 2 + j] * v[..., j, None]
        base = d.TransformedDistribution(d.Uniform(torch.zeros((), dtype=out.dtype), torch.ones((), dtype=out.dtype), validate_args=False),
                                         [d.SigmoidTransform().inv], validate_args=False)
        logistic = d.TransformedDistribution(base, [d.AffineTransform(mean, scales[..., i].exp())], validate_args=False)
        at = v[..., i, None]
        up = torch.where(at > 1 - 1 / top, torch.ones_like(mean), logistic.cdf(at + 1 / top))
        low = torch.where(at < -1 + 1 / top, torch.zeros_like(mean), logistic.cdf(at - 1 / top))
        logp = logp + (up - low).log()
    return -logp.logsumexp(-1)


class Pixels(nn.Module):
    """What the networks share: the inputs' scale, the outputs and their likelihood."""

    def logits(self, out):
        c = self.config
        if c.get("mixtures", 0) or c["levels"] == 2:
            return out
        return out.unflatten(1, (c["channels"], c["levels"]))

    def nll(self, out, x):
        """The mean of nats a value."""
        c = self.config
        if c.get("mixtures", 0):
            return mixture_nll(c, out, x).mean() / c["channels"]
        if c["levels"] == 2:
            return F.binary_cross_entropy_with_logits(out, x.to(out.dtype))
        return F.cross_entropy(self.logits(out).transpose(1, 2), x)

    def scaled(self, x):
        return x.to(self.out2.weight.dtype) / (self.config["levels"] - 1)


class PixelCNN(Pixels):
    """Of the first paper."""

    def __init__(self, **c):
        super().__init__()
        self.config, h, k = c, c["hidden"], colours_of(c)
        self.input = MaskedConv2d(c["channels"], 2 * h, c["kernel"], "A", k)
        self.blocks = nn.ModuleList(
            nn.ModuleList([MaskedConv2d(2 * h, h, 1, "B", k), MaskedConv2d(h, h, 3, "B", k), MaskedConv2d(h, 2 * h, 1, "B", k)])
            for _ in range(c["layers"]))
        self.out1 = MaskedConv2d(2 * h, c["out_hidden"], 1, "B", k)
        self.out2 = MaskedConv2d(c["out_hidden"], outputs(c), 1, "B", k)

    def forward(self, x, y=None):
        h = self.input(self.scaled(x))
        for a, b, c in self.blocks:
            h = h + c(F.relu(b(F.relu(a(F.relu(h))))))
        return self.out2(F.relu(self.out1(F.relu(h))))


def gate(x):
    a, b = x.chunk(2, 1)
    return a.tanh() * b.sigmoid()


class GatedLayer(nn.Module):
    def __init__(self, c, first):
        super().__init__()
        h, colours = c["hidden"], colours_of(c)
        cin, k = (c["channels"], c["kernel"]) if first else (h, c.get("inner_kernel", 3))
        self.first = first
        self.vertical = MaskedConv2d(cin, 2 * h, k, "above" if first else "above and own")
        self.v_to_h = nn.Conv2d(2 * h, 2 * h, 1)
        self.horizontal = MaskedConv2d(cin, 2 * h, (1, k), "A" if first else "B", colours, 2)
        self.h_out = MaskedConv2d(h, h, 1, "B", colours)
        if c.get("classes", 0):
            self.class_v, self.class_h = nn.Embedding(c["classes"], 2 * h), nn.Embedding(c["classes"], 2 * h)

    def forward(self, v, h, y):
        down = self.vertical(v)
        right = self.horizontal(h) + self.v_to_h(down)
        if y is not None:
            down, right = down + self.class_v(y)[:, :, None, None], right + self.class_h(y)[:, :, None, None]
        out = self.h_out(gate(right))
        return gate(down), out if self.first else out + h


class GatedPixelCNN(Pixels):
    """Of the second paper."""

    def __init__(self, **c):
        super().__init__()
        self.config, colours = c, colours_of(c)
        self.layers = nn.ModuleList(GatedLayer(c, i == 0) for i in range(c["layers"]))
        self.out1 = MaskedConv2d(c["hidden"], c["out_hidden"], 1, "B", colours)
        self.out2 = MaskedConv2d(c["out_hidden"], outputs(c), 1, "B", colours)

    def forward(self, x, y=None):
        v = h = self.scaled(x)
        for layer in self.layers:
            v, h = layer(v, h, y)
        return self.out2(F.relu(self.out1(F.relu(h))))


CLASSES = {"pixelcnn": PixelCNN, "pixelcnn.gated": GatedPixelCNN}
DEFAULT = dict(channels=1, levels=2, hidden=32, layers=6, out_hidden=64, kernel=7)


def drawn(config, *dims):
    """Pictures, and classes where there are some."""
    height, width = dims[-2:]
    inputs = dict(x=torch.randint(0, config["levels"], (*dims[:-2], config["channels"], height, width)))
    if config.get("classes", 0):
        inputs["y"] = torch.randint(0, config["classes"], dims[:-2])
    return inputs


def forward(name, model, make, config, dims):
    from case import Case

    def compute(net, inputs):
        cotangent = inputs["cotangent.logits"]
        out = net(inputs["x"], inputs.get("y"))
        made = dict(logits=net.logits(out), nll=net.nll(out, inputs["x"]))
        grads = torch.autograd.grad((made["logits"] * cotangent).sum(), list(net.parameters()), allow_unused=True)
        return made | {f"grad.{k}": g for (k, _), g in zip(net.named_parameters(), grads) if g is not None}

    net, inputs = make(**config), drawn(config, *dims)
    with torch.no_grad():
        inputs["cotangent.logits"] = torch.randn_like(net.logits(net(inputs["x"], inputs.get("y"))))
    return Case(name, "forward", model, config, net, inputs, compute, "eval")


def steps(name, model, make, config, count, dims):
    import case

    def compute(net, inputs):
        def loss(given):
            return net.nll(net(given["x"], given.get("y")), given["x"])

        return case.train(net, loss, torch.optim.Adam(net.parameters(), lr=config["lr"], eps=config["eps"]), inputs)

    architecture = {k: v for k, v in config.items() if k not in ("lr", "eps")}
    return case.Case(name, "step", model, config, make(**architecture), drawn(config, count, *dims), compute, **case.STEPS)


ADAM = dict(lr=1e-3, eps=1e-4)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    small = dict(channels=1, levels=2, hidden=4, layers=2, out_hidden=6, kernel=5)
    colour = small | dict(channels=3, levels=4, hidden=6)
    yield settled(forward, "pixelcnn", "pixelcnn", PixelCNN, small, (2, 6, 5))
    yield settled(forward, "pixelcnn-colour", "pixelcnn", PixelCNN, colour, (2, 4, 5))
    yield settled(forward, "gated-classes", "pixelcnn.gated", GatedPixelCNN, small | dict(classes=3), (2, 6, 5))
    yield settled(forward, "gated-colour", "pixelcnn.gated", GatedPixelCNN, colour, (2, 4, 5))
    yield settled(forward, "gated-mixture", "pixelcnn.gated", GatedPixelCNN, colour | dict(levels=256, mixtures=3), (2, 4, 5))
    yield settled(steps, "pixelcnn-steps", "pixelcnn", PixelCNN, small | ADAM, 3, (2, 5, 5))
    yield settled(steps, "gated-steps", "pixelcnn.gated", GatedPixelCNN, small | dict(classes=3) | ADAM, 3, (2, 5, 5))
    yield settled(steps, "gated-mixture-steps", "pixelcnn.gated", GatedPixelCNN, colour | dict(levels=16, mixtures=2) | ADAM, 3, (2, 4, 4))


def architecture(r):
    c = dict(channels=r.choice([1, 1, 3]), levels=r.choice([2, 3, 8]), hidden=r.randint(3, 9), layers=r.randint(1, 4),
             out_hidden=r.randint(3, 9), kernel=r.choice([3, 5, 7]))
    return c, (r.randint(1, 3), r.randint(1, 8), r.randint(1, 8))


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    config, dims = architecture(r)
    yield settled(forward, "pixelcnn", "pixelcnn", PixelCNN, config, dims)
    yield settled(steps, "pixelcnn-steps", "pixelcnn", PixelCNN, config | ADAM, r.randint(1, 4), dims)
    config, dims = architecture(r)
    config |= dict(inner_kernel=r.choice([3, 3, 5]), classes=r.choice([0, 4]))
    if r.random() < 0.3:
        config |= dict(levels=256, mixtures=r.randint(1, 4))
    yield settled(forward, "gated", "pixelcnn.gated", GatedPixelCNN, config, dims)
    yield settled(steps, "gated-steps", "pixelcnn.gated", GatedPixelCNN, config | ADAM, r.randint(1, 4), dims)


def bench_config(case):
    return dict(DEFAULT, **{k: case.sizes[k] for k in ("hidden", "layers", "out_hidden") if k in case.sizes})


def torch_side(case):
    if case.name.startswith("pixelcnn-draw"):
        return torch_draw(case, GatedPixelCNN(**bench_config(case)))
    return torch_training(case, GatedPixelCNN(**bench_config(case)))


def torch_training(case, net):
    import sides
    net.load_state_dict(case.torch("weights"))
    x = case.torch("inputs")["x"].long()
    return sides.torch_step(case, torch.optim.Adam(net.parameters(), lr=2e-3), lambda: net.nll(net(x), x))


def torch_draw(case, net):
    """The naive loop: a whole pass for each pixel, black where the noise is above its probability."""
    net.load_state_dict(case.torch("weights"))
    noise = case.torch("inputs")["noise"]  # [height, width, n, 1]
    height, width, n, _ = noise.shape
    run = case.compiled(lambda x: net(x))

    @torch.no_grad()
    def step():
        x = torch.zeros(n, 1, height, width)
        for i in range(height):
            for j in range(width):
                x[:, 0, i, j] = (noise[i, j, :, 0] < run(x)[:, 0, i, j].sigmoid()).float()
        return [x.sum().item()]

    return step


def jax_conv(w, name, x, mask=None):
    from jax import lax
    kernel = w[name + ".weight"]
    if mask is not None:
        kernel = kernel * mask
    pad = [(k // 2, k // 2) for k in kernel.shape[2:]]
    y = lax.conv_general_dilated(x, kernel, (1, 1), pad, dimension_numbers=("NHWC", "OIHW", "NHWC"))
    return y + w[name + ".bias"]


def jax_masks(net):
    import numpy as np
    return {name: np.asarray(m.mask) for name, m in net.named_modules() if isinstance(m, MaskedConv2d)}


def bernoulli(logits, x):
    import optax
    return optax.sigmoid_binary_cross_entropy(logits, x).mean()


def jax_side(case):
    if case.name.startswith("pixelcnn-draw"):
        return None
    import jax
    import jax.numpy as jnp
    import optax
    import sides
    masks, layers = jax_masks(GatedPixelCNN(**bench_config(case))), case.layers

    def gate(x):
        a, b = jnp.split(x, 2, -1)
        return jnp.tanh(a) * jax.nn.sigmoid(b)

    def loss(w, inputs):
        x = jnp.transpose(inputs["x"], (0, 2, 3, 1)).astype(jnp.float32)
        conv = lambda name, x: jax_conv(w, name, x, masks.get(name))
        v = h = x
        for i in range(layers):
            p = f"layers.{i}."
            down = conv(p + "vertical", v)
            out = conv(p + "h_out", gate(conv(p + "horizontal", h) + conv(p + "v_to_h", down)))
            v, h = gate(down), out + h if i else out
        return bernoulli(conv("out2", jax.nn.relu(conv("out1", jax.nn.relu(h)))), x)

    return sides.jax_step(case, optax.adam(2e-3), loss)


def images(path):
    return torch.frombuffer(bytearray(gzip.open(path).read()[16:]), dtype=torch.uint8).reshape(-1, 1, 28, 28).float() / 255


def train(net, folder, epochs, seed, rate=2e-3, batch=16, warm_up=100):
    torch.manual_seed(seed)
    train, test = images(folder / "train-images-idx3-ubyte.gz"), images(folder / "t10k-images-idx3-ubyte.gz")
    test = (torch.rand(test.shape, generator=torch.Generator().manual_seed(0)) < test).long()
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    steps = len(train) // batch
    step = 0
    for epoch in range(1, epochs + 1):
        began, order = time.perf_counter(), torch.randperm(len(train))
        for i in range(steps):
            x = train[order[i * batch:(i + 1) * batch]]
            x = (torch.rand(x.shape) < x).long()
            total = epochs * steps
            now = rate * (step + 1) / (warm_up + 1) if step < warm_up else rate / 2 * (1 + math.cos(math.pi * min(1, (step - warm_up) / (total - warm_up))))
            for group in adam.param_groups:
                group["lr"] = now
            adam.zero_grad()
            net.nll(net(x), x).backward()
            adam.step()
            step += 1
        seconds = time.perf_counter() - began
        with torch.no_grad():
            nats = sum(net.nll(net(x), x).item() * len(x) for x in test.split(100)) * 784 / len(test)
        print(json.dumps(dict(epoch=epoch, seconds=round(seconds, 1), validation_loss=round(nats, 3))), flush=True)


def main():
    folder = pathlib.Path(sys.argv[1])
    net = GatedPixelCNN(**DEFAULT)
    if len(sys.argv) > 4:
        from safetensors.torch import load_file
        net.load_state_dict(load_file(sys.argv[4]))
    train(net, folder, int(sys.argv[2]) if len(sys.argv) > 2 else 3, int(sys.argv[3]) if len(sys.argv) > 3 else 1)


if __name__ == "__main__":
    main()
