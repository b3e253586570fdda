"""WaveNet in PyTorch and JAX: parity's cases, and the bench's sides. Parameters have the names of vincentherrmann/pytorch-wavenet."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class WaveNet(nn.Module):
    def __init__(self, layers, blocks, dilation_channels, residual_channels, skip_channels, end_channels, classes, kernel_size=2, bias=False,
                 global_channels=0, local_channels=0):
        super().__init__()
        self.dilations = [2 ** i for _ in range(blocks) for i in range(layers)]
        self.classes, self.kernel_size = classes, kernel_size

        def each(make):
            return nn.ModuleList([make(d) for d in self.dilations])

        self.start_conv = nn.Conv1d(classes, residual_channels, 1, bias=bias)
        self.filter_convs = each(lambda d: nn.Conv1d(residual_channels, dilation_channels, kernel_size, dilation=d, bias=bias))
        self.gate_convs = each(lambda d: nn.Conv1d(residual_channels, dilation_channels, kernel_size, dilation=d, bias=bias))
        self.residual_convs = each(lambda _: nn.Conv1d(dilation_channels, residual_channels, 1, bias=bias))
        self.skip_convs = each(lambda _: nn.Conv1d(dilation_channels, skip_channels, 1, bias=bias))
        self.has_global, self.has_local = global_channels > 0, local_channels > 0
        if self.has_global:
            self.filter_global = each(lambda _: nn.Linear(global_channels, dilation_channels, bias=False))
            self.gate_global = each(lambda _: nn.Linear(global_channels, dilation_channels, bias=False))
        if self.has_local:
            self.filter_local = each(lambda _: nn.Conv1d(local_channels, dilation_channels, 1, bias=False))
            self.gate_local = each(lambda _: nn.Conv1d(local_channels, dilation_channels, 1, bias=False))
        self.end_conv_1 = nn.Conv1d(skip_channels, end_channels, 1)
        self.end_conv_2 = nn.Conv1d(end_channels, classes, 1)

    def told(self, side, i, glob, local):
        """What a layer's filter or gate is told by the conditions."""
        y = 0
        if self.has_global:
            y = y + getattr(self, f"{side}_global")[i](glob)[:, :, None]
        if self.has_local:
            y = y + getattr(self, f"{side}_local")[i](local)
        return y

    def layer(self, i, h, past, glob, local):
        """past is h with what the dilated convolutions hear before it."""
        z = torch.tanh(self.filter_convs[i](past) + self.told("filter", i, glob, local))
        z = z * torch.sigmoid(self.gate_convs[i](past) + self.told("gate", i, glob, local))
        return h + self.residual_convs[i](z), self.skip_convs[i](z)

    def end(self, skips):
        return self.end_conv_2(F.relu(self.end_conv_1(F.relu(skips))))

    def start(self, x):
        return self.start_conv(F.one_hot(x, self.classes).transpose(1, 2).to(self.start_conv.weight.dtype))

    def forward(self, x, glob=None, local=None):
        h, skips = self.start(x), 0
        for i, d in enumerate(self.dilations):
            h, skip = self.layer(i, h, F.pad(h, ((self.kernel_size - 1) * d, 0)), glob, local)
            skips = skips + skip
        return self.end(skips)

    def incremental(self, x, glob=None, local=None):
        """forward, sample by sample: each layer keeps its last inputs."""
        queues = [torch.zeros(len(x), c.in_channels, (self.kernel_size - 1) * d, dtype=c.weight.dtype) for c, d in zip(self.filter_convs, self.dilations)]
        logits = []
        for t in range(x.shape[1]):
            h, skips, now = self.start(x[:, t : t + 1]), 0, None if local is None else local[:, :, t : t + 1]
            for i in range(len(queues)):
                past = torch.cat([queues[i], h], 2)
                queues[i] = past[:, :, 1:]
                h, skip = self.layer(i, h, past, glob, now)
                skips = skips + skip
            logits.append(self.end(skips))
        return torch.cat(logits, 2)


def loss_function(logits, x):
    return F.cross_entropy(logits[:, :, :-1], x[:, 1:])


def encoded(x, classes):
    mu = classes - 1
    y = torch.sign(x) * torch.log1p(mu * x.abs()) / math.log1p(mu)
    return ((y + 1) / 2 * mu + 0.5).long()


def decoded(codes, classes, dtype):
    mu = classes - 1
    y = codes.to(dtype) / mu * 2 - 1
    return torch.sign(y) * torch.expm1(y.abs() * math.log1p(mu)) / mu


def inputs_of(config, dims, length):
    """Codes and the conditions that the config has; dims are the axes before the time."""
    inputs = dict(x=torch.randint(config["classes"], (*dims, length)))
    if config.get("global_channels"):
        inputs["global"] = torch.randn(*dims, config["global_channels"])
    if config.get("local_channels"):
        inputs["local"] = torch.randn(*dims, config["local_channels"], length)
    return inputs


def called(model, given):
    return model(given["x"], given.get("global"), given.get("local"))


def forward(name, config, batch, length):
    from case import Case

    def compute(model, given):
        logits = called(model, given)
        return dict(logits=logits, nll=loss_function(logits, given["x"]))

    return Case(name, "forward", "wavenet", config, WaveNet(**config), inputs_of(config, [batch], length), compute, "eval")


def incremental(name, config, batch, length):
    from case import Case
    return Case(name, "forward", "wavenet.incremental", config, WaveNet(**config), inputs_of(config, [batch], length),
                lambda model, given: dict(logits=called(model.incremental, given)), "eval")


def mulaw(name, classes, count):
    from case import Case

    def compute(_, given):
        return dict(encoded=encoded(given["x"], classes), decoded=decoded(given["codes"], classes, given["x"].dtype))

    # In the middle of what has one code: at its edge float32 and float64 may differ.
    x = decoded(torch.randint(classes, (count,)), classes, torch.float32) * (1 - 0.2 / classes * torch.rand(count))
    return Case(name, "forward", "wavenet.mulaw", dict(classes=classes), nn.Module(), dict(x=x, codes=torch.arange(classes)), compute, "eval")


def steps(name, config, lr, count, batch, length):
    import case

    def compute(model, inputs):
        model.residual_convs[-1].requires_grad_(False)  # takes no part in the loss
        adam = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr, eps=1e-4)
        out, losses = {}, []
        for i in range(count):
            given = {k: v[i] for k, v in inputs.items()}
            adam.zero_grad()
            loss = loss_function(called(model, given), given["x"])
            loss.backward()
            out = out or {f"grad.{k}": p.grad.clone() for k, p in model.named_parameters() if p.requires_grad}
            adam.step()
            losses.append(loss.detach())
        return out | dict(loss=torch.stack(losses)) | {f"param.{k}": v for k, v in case.state(model).items()}

    return case.Case(name, "step", "wavenet", config | dict(lr=lr, eps=1e-4), WaveNet(**config), inputs_of(config, [count, batch], length), compute,
                     **case.STEPS)


def config(layers, blocks, dilation, residual, skip, end, classes, kernel, bias, glob, local):
    return dict(layers=layers, blocks=blocks, dilation_channels=dilation, residual_channels=residual, skip_channels=skip, end_channels=end,
                classes=classes, kernel_size=kernel, bias=bias, global_channels=glob, local_channels=local)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    wide, told = config(2, 3, 5, 7, 6, 9, 20, 3, True, 0, 0), config(3, 2, 6, 5, 7, 8, 32, 2, True, 4, 3)
    yield forward("wavenet-kernel-3", wide, 2, 17)
    yield forward("wavenet-told", told, 3, 21)
    yield forward("wavenet-short", told, 2, 2)
    yield incremental("wavenet-queues-kernel-3", wide, 2, 19)
    yield incremental("wavenet-queues-told", config(3, 1, 4, 5, 3, 6, 11, 2, False, 2, 2), 3, 18)
    yield mulaw("wavenet-mulaw-100", 100, 60)
    yield settled(steps, "wavenet-steps-told", told, 1e-3, 3, 2, 24)


def fresh(r):
    """Cases of random sizes."""
    from case import settled

    def some():
        n = r.randint
        return config(n(1, 4), n(1, 3), n(1, 8), n(1, 8), n(1, 8), n(1, 8), n(2, 300), n(2, 3), r.random() < 0.5, r.choice([0, 3]), r.choice([0, 2]))

    yield forward("wavenet", some(), r.randint(1, 4), r.randint(2, 60))
    yield incremental("wavenet-queues", some(), r.randint(1, 3), r.randint(1, 40))
    yield mulaw("wavenet-mulaw", r.randint(2, 400), r.randint(1, 90))
    yield settled(steps, "wavenet-steps", some(), r.choice([1e-3, 3e-3]), r.randint(1, 4), r.randint(1, 3), r.randint(2, 40))


def torch_side(case):
    import sides
    model = WaveNet(case.layers, case.blocks, case.channels, case.channels, 2 * case.channels, 2 * case.channels, 256, 2, True)
    model.load_state_dict(case.torch("weights"))
    x = case.torch("inputs")["x"].long()
    return sides.torch_step(case, torch.optim.Adam(model.parameters(), lr=2e-3), lambda: loss_function(model(x), x))


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from sides import jax_step

    dilations = [2 ** i for _ in range(case.blocks) for i in range(case.layers)]

    def loss(w, i):
        def conv(name, x):  # x: [batch, time, in]; the taps of a kernel side by side
            k = jnp.transpose(w[f"{name}.weight"], (2, 1, 0))
            return x @ k.reshape(-1, k.shape[-1]) + w[f"{name}.bias"]

        x = i["x"]
        h = w["start_conv.weight"][:, :, 0].T[x] + w["start_conv.bias"]
        skips = 0
        for n, d in enumerate(dilations):
            taps = jnp.concatenate([jnp.pad(h, ((0, 0), (d, 0), (0, 0)))[:, : h.shape[1]], h], -1)
            z = jnp.tanh(conv(f"filter_convs.{n}", taps)) * jax.nn.sigmoid(conv(f"gate_convs.{n}", taps))
            skips = skips + conv(f"skip_convs.{n}", z)
            h = h + conv(f"residual_convs.{n}", z)
        logits = conv("end_conv_2", jax.nn.relu(conv("end_conv_1", jax.nn.relu(skips))))
        return optax.softmax_cross_entropy_with_integer_labels(logits[:, :-1], x[:, 1:]).mean()

    return jax_step(case, optax.adam(2e-3), loss)
