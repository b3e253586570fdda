#!/usr/bin/env python3
"""Writes grid.safetensors: PyTorch's layers over a grid of options, for grid_test.go.

Each case has an input, the state_dict, and what PyTorch makes of them: the output y, the gradients of L = sum(v * tanh(y)) with
respect to the input and each parameter, the gradients of R = sum((dL/dx)^2), which are second derivatives, and the buffers after
the call. v is sin(1), sin(2), ... over y in PyTorch's order. The metadata's "cases" lists the layers and their options.

Made with: torch 2.9.1, safetensors 0.7.0.
"""
import itertools
import json
import pathlib
import random

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(1)
draw = random.Random(1)
cases, tensors = [], {}


def add(layer, shape, train=True, kind=None, x=None, **options):
    """kind is the class, layer its options' owner in Go; options are PyTorch's names."""
    module = getattr(nn, kind or layer)(**options)
    for name, p in module.named_parameters():
        if "Norm" in layer:
            nn.init.normal_(p, 1.0, 0.3)
    for name, b in module.named_buffers():
        if name == "running_mean":
            b.normal_()
        elif name == "running_var":
            b.uniform_(0.5, 2)
    module.train(train)
    key = str(len(cases))
    cases.append(dict(layer=layer, train=train, options=options))
    put = lambda name, value: tensors.__setitem__(f"{key}.{name}", value.detach().clone().contiguous())
    whole = x is not None
    x = x if whole else torch.randn(shape)
    put("x", x)
    for name, value in module.state_dict().items():
        put(f"state.{name}", value)
    params = dict(module.named_parameters())
    wrt = list(params.values())
    if not whole:
        x.requires_grad_()
        wrt = [x] + wrt
    names = ([] if whole else ["x"]) + list(params)
    y = module(x)
    v = torch.sin(torch.arange(1, y.numel() + 1, dtype=torch.float64)).float().reshape(y.shape)
    loss = (v * torch.tanh(y)).sum()
    grads = torch.autograd.grad(loss, wrt, create_graph=True)
    put("y", y)
    for name, g in zip(names, grads):
        put(f"grad.{name}", g)
    if not whole:
        r = grads[0].square().sum()
        for name, g in zip(names, torch.autograd.grad(r, wrt, allow_unused=True)):
            if g is not None:
                put(f"second.{name}", g)
    for name, value in module.named_buffers():
        put(f"after.{name}", value)


def convolutions(axes, share):
    """Every kernel with every stride and dilation, both ways; the rest is drawn."""
    for kernel, stride, dilation, transposed in itertools.product((1, 2, 3, 4, 5), (1, 2, 3), (1, 2), (False, True)):
        for padding in {0, 1, kernel // 2 + dilation}:
            if draw.random() > share:
                continue
            groups = draw.choice((1, 1, 2, 4))
            cin, cout = (draw.choice((1, 2, 3)), draw.choice((1, 2, 3))) if groups == 1 else (4, draw.choice((4, 8)))
            k, s, p = [kernel] * axes, [stride] * axes, [padding] * axes
            if draw.random() < 0.2:
                k[-1], s[-1], p[-1] = draw.choice((1, 2, 3)), draw.choice((1, 2, 3)), draw.choice((0, 1))
            extra = {}
            size = [draw.choice((1, 2, 3)) for _ in k]
            reach = [(n - 1) * dilation + 1 for n in k]
            if transposed:
                extra["output_padding"] = [draw.randrange(max(n, dilation)) for n in s]
                # PyTorch wants room for the kernel even where output padding makes some.
                while any((n - 1) * st - 2 * pad + r < 1 for n, st, pad, r in zip(size, s, p, reach)):
                    size = [n + 1 for n in size]
            else:
                size = [n + max(r - 2 * pad, 1) for n, r, pad in zip(size, reach, p)]
            add(("ConvTranspose" if transposed else "Conv") + f"{axes}d", [2, cin, *size], in_channels=cin, out_channels=cout,
                kernel_size=k, stride=s, padding=p, dilation=dilation, groups=groups, bias=draw.random() < 0.5, **extra)


convolutions(1, 0.5)
convolutions(2, 0.9)
# The DCGAN's layers, narrow.
for cin, cout, size, stride, padding in (3, 8, 16, 2, 1), (4, 8, 8, 2, 1), (8, 8, 4, 2, 1), (8, 1, 4, 1, 0):
    options = dict(kernel_size=4, stride=stride, padding=padding, bias=False)
    add("Conv2d", [2, cin, size, size], in_channels=cin, out_channels=cout, **options)
    add("ConvTranspose2d", [2, cout, size // 4, size // 4], in_channels=cout, out_channels=cin, **options)
for train in True, False:
    add("BatchNorm1d", [5, 3], train, num_features=3)
    add("BatchNorm1d", [3, 2, 4], train, num_features=2)
    add("BatchNorm2d", [3, 2, 4, 3], train, num_features=2)
add("LayerNorm", [3, 2, 5], normalized_shape=5)
add("GroupNorm", [2, 6, 3, 4], num_groups=3, num_channels=6)
add("GroupNorm", [2, 4, 5], num_groups=1, num_channels=4)
add("InstanceNorm1d", [2, 3, 7], num_features=3)
add("InstanceNorm2d", [2, 3, 4, 3], num_features=3)
add("Linear", [3, 2, 5], in_features=5, out_features=4)
add("Linear", [3, 5], in_features=5, out_features=4, bias=False)
add("Embedding", None, x=torch.tensor([[0, 3, 3], [1, 0, 3]]), num_embeddings=5, embedding_dim=4)
for layer, options in (
    ("ReLU", {}), ("LeakyReLU", dict(negative_slope=0.2)), ("Tanh", {}), ("Sigmoid", {}), ("SiLU", {}), ("ELU", {}),
    ("GELU", dict(approximate="none")), ("GELU", dict(approximate="tanh")),
):
    add(layer, [3, 7], **options)
for factor in 2, 3:
    add("Upsample", [2, 2, 5], scale_factor=factor, mode="nearest")
    add("Upsample", [2, 2, 3, 4], scale_factor=factor, mode="nearest")
    add("Upsample", [2, 2, 5], scale_factor=factor, mode="linear")
    add("Upsample", [2, 2, 3, 4], scale_factor=factor, mode="bilinear")
    add("PixelShuffle", [2, 2 * factor**2, 3, 2], upscale_factor=factor)
for mode in "Zero", "Reflection", "Replication":
    add("Pad1d", [2, 2, 5], kind=mode + "Pad1d", padding=(2, 1))
    add("Pad2d", [2, 2, 4, 5], kind=mode + "Pad2d", padding=(2, 1, 0, 3))
    for c in cases[-2:]:
        c["options"]["mode"] = mode
metadata = dict(cases=json.dumps(cases), torch=torch.__version__)
save_file(tensors, pathlib.Path(__file__).parent / "grid.safetensors", metadata)
print(len(cases), "cases")
