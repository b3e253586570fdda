#!/usr/bin/env python3
"""Writes cases.safetensors: PyTorch's layers, losses and functions with their options, for nnspec_test.go: make_cases.py [FILE] [SEED].

Each case has inputs, the state_dict, and what PyTorch makes of them: the outputs, the gradients of L = sum(v * output) over the outputs that
have a v, with respect to parameters and floating inputs, the gradients of R = sum of squares of the inputs' gradients, which are second
derivatives, and the buffers after the call. The metadata's "cases" lists ids, arguments, print(module) and the tensors' kinds and sizes; their values stand one after the other in
"f" (float32) and "i" (int64, "ib" for bools).

Made with: torch 2.9.1, safetensors 0.7.0.
"""
import json
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

torch.set_num_threads(1)
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
torch.manual_seed(seed)
cases, values = [], dict(f=[], i=[])
randn = torch.randn


def case(id, config, inputs, call, module=None, train=False, second=True, frozen=()):
    """call gives a tensor or a dict of them; frozen inputs have no gradient."""
    own = {}

    def put(name, value):
        value = value.detach().clone()
        kind = "f" if value.is_floating_point() else "i"
        own[name] = [kind + ("b" if value.dtype == torch.bool else ""), *value.shape]
        values[kind].append(value.reshape(-1).to(torch.float32 if kind == "f" else torch.int64))

    params, buffers = {}, {}
    if module is not None:
        module.train(train)
        for name, p in module.named_parameters():
            if "norm" in type(module).__name__.lower() and p.dim() == 1:
                nn.init.normal_(p, 1.0, 0.3)
        for name, b in module.named_buffers():
            if name.endswith("running_mean"):
                b.normal_()
            elif name.endswith("running_var"):
                b.uniform_(0.5, 2)
            elif name.endswith("num_batches_tracked"):
                b.fill_(3)
        params, buffers = dict(module.named_parameters()), dict(module.named_buffers())
        for name, value in module.state_dict().items():
            put("weights." + name, value)
    given = {}
    for name, x in inputs.items():
        put("inputs." + name, x)
        given[name] = x.clone().requires_grad_() if x.is_floating_point() and name not in frozen else x
    out = call(**given)
    out = out if isinstance(out, dict) else {"output": out}
    loss = 0
    for name, y in out.items():
        put("expected." + name, y)
        v = torch.sin(torch.arange(1, y.numel() + 1, dtype=torch.float64)).float().reshape(y.shape)
        loss = loss + (v * y).sum()
    xs = {k: x for k, x in given.items() if x.requires_grad}
    wrt = {"grad_in." + k: x for k, x in xs.items()} | {"grad." + k: p for k, p in params.items()}
    if wrt and loss.requires_grad:
        grads = torch.autograd.grad(loss, list(wrt.values()), create_graph=True, allow_unused=True)
        for name, g in zip(wrt, grads):
            if g is not None:
                put("expected." + name, g)
        r = sum((g.square().sum() for name, g in zip(wrt, grads) if g is not None and name.startswith("grad_in.")), torch.zeros(()))
        if second and r.requires_grad:
            try:
                twice = torch.autograd.grad(r, list(wrt.values()), allow_unused=True)
            except RuntimeError as e:  # PyTorch has none
                assert "not implemented" in str(e), e
                twice = []
            for name, g in zip(wrt, twice):
                if g is not None:
                    put("expected.second." + name, g)
    for name, b in buffers.items():
        put("expected.state." + name, b)
    cases.append(dict(id=id, config=config, train=train, printed=str(module) if module is not None else "", tensors=own))


def layer(name, config, *shapes, train=False, second=True, inputs=None, names=("input",)):
    module = getattr(nn, name)(**{k: tuple(v) if isinstance(v, list) else v for k, v in config.items()})
    inputs = inputs or dict(zip(names, (randn(s) for s in shapes)))
    case("torch.nn." + name, config, inputs, lambda **kw: module(*kw.values()), module, train, second)


def function(name, config, inputs, second=True):
    f = getattr(F, name)
    case("torch.nn.functional." + name, config, inputs, lambda **kw: f(*kw.values(), **config), second=second)


# Activations, at their kinks too.
kinks = torch.tensor([[0.0, -0.0, 3, -3, 6, 1, -1, 1e-8, -1e-8, -1e-6, 2e-3, -2e-3, 30, -30, 90, -90]])
for name, configs in {
    "ReLU": [{}], "ReLU6": [{}], "SELU": [{}], "SiLU": [{}], "Mish": [{}], "Hardswish": [{}], "Hardsigmoid": [{}], "Sigmoid": [{}], "Tanh": [{}],
    "LogSigmoid": [{}], "Softsign": [{}], "Tanhshrink": [{}], "Identity": [{}], "LeakyReLU": [{}, dict(negative_slope=0.3)],
    "ELU": [{}, dict(alpha=0.3)], "CELU": [{}, dict(alpha=2.5)], "Hardtanh": [{}, dict(min_val=-0.5, max_val=2.0)],
    "Hardshrink": [{}, dict(lambd=2.0)], "Softshrink": [dict(lambd=1.0)],
    "Threshold": [dict(threshold=0.5, value=-2.0)], "GELU": [{}, dict(approximate="tanh")], "Softplus": [{}, dict(beta=2.0, threshold=5.0)],
}.items():
    for config in configs:
        layer(name, config, [2, 3, 4])
        layer(name, config, inputs=dict(input=kinks.clone()), second=False)
for dim in 0, 1, -1, -2:
    layer("Softmax", dict(dim=dim), [3, 4, 2])
    layer("LogSoftmax", dict(dim=dim), [3, 4, 2])
    layer("Softmin", dict(dim=dim), [3, 4, 2])
layer("GLU", {}, [3, 2, 6])
layer("GLU", dict(dim=0), [4, 3])
layer("PReLU", {}, [2, 3, 4])
layer("PReLU", dict(num_parameters=3, init=0.1), [2, 3, 4])
layer("PReLU", dict(num_parameters=5), [2, 5])

# Convolutions with what the grid of package nn lacks.
for mode in "zeros", "reflect", "replicate", "circular":
    layer("Conv1d", dict(in_channels=2, out_channels=3, kernel_size=3, padding=2, padding_mode=mode, stride=2), [2, 2, 7])
    layer("Conv2d", dict(in_channels=4, out_channels=2, kernel_size=[3, 2], padding=[2, 1], padding_mode=mode, groups=2), [2, 4, 4, 5])
    layer("Conv2d", dict(in_channels=1, out_channels=2, kernel_size=[4, 3], padding="same", padding_mode=mode, dilation=[1, 2], bias=False), [1, 1, 5, 6])
layer("Conv1d", dict(in_channels=2, out_channels=3, kernel_size=4, padding="same", dilation=3), [2, 2, 11])
layer("Conv1d", dict(in_channels=2, out_channels=3, kernel_size=2, padding="valid"), [2, 2, 5])
for stride, dilation, groups, padding in (1, 1, 1, 1), (2, 1, 1, [1, 0, 2]), (1, 2, 2, 2), ([1, 2, 3], [2, 1, 1], 1, 0):
    layer("Conv3d", dict(in_channels=2, out_channels=4, kernel_size=[2, 3, 2], stride=stride, dilation=dilation, groups=groups, padding=padding), [1, 2, 4, 5, 4])
    layer("ConvTranspose3d", dict(in_channels=2, out_channels=4, kernel_size=[2, 3, 2], stride=stride, dilation=dilation, groups=groups, padding=0), [1, 2, 2, 2, 3])
layer("ConvTranspose3d", dict(in_channels=2, out_channels=1, kernel_size=4, stride=2, padding=1, output_padding=[0, 1, 0]), [1, 2, 2, 3, 2])
for kernel, dilation in (2, 1), (3, 4):
    config = dict(in_channels=2, out_channels=3, kernel_size=kernel, dilation=dilation)
    module = nn.Conv1d(**config)
    case("genlab.causal_conv1d", config, dict(input=randn(2, 2, 9)), lambda input: module(F.pad(input, ((kernel - 1) * dilation, 0))), module)

# Norms.
for train in False, True:
    for axes in 1, 2, 3:
        shape = [3, 2, 4, 2, 2][: axes + 2]
        for config in {}, dict(affine=False), dict(track_running_stats=False), dict(momentum=None), dict(momentum=0.3, eps=1e-2):
            if axes == 2 or config in ({}, dict(momentum=None)):
                layer(f"BatchNorm{axes}d", dict(num_features=2) | config, shape, train=train)
        for config in {}, dict(affine=True), dict(track_running_stats=True), dict(affine=True, track_running_stats=True, momentum=0.4, eps=1e-3):
            if axes == 2 or not config:
                layer(f"InstanceNorm{axes}d", dict(num_features=2) | config, shape, train=train)
layer("BatchNorm1d", dict(num_features=3), [4, 3], train=True)
layer("GroupNorm", dict(num_groups=2, num_channels=4, affine=False), [2, 4, 3])
layer("GroupNorm", dict(num_groups=1, num_channels=4, eps=1e-2), [2, 4])
layer("LayerNorm", dict(normalized_shape=[3, 4], bias=False), [2, 3, 4])
layer("LayerNorm", dict(normalized_shape=4, elementwise_affine=False, eps=1e-3), [2, 3, 4])
layer("RMSNorm", dict(normalized_shape=[3, 4]), [2, 3, 4])
layer("RMSNorm", dict(normalized_shape=4, elementwise_affine=False, eps=1e-3), [2, 4])
layer("LocalResponseNorm", dict(size=2), [2, 5, 3])
layer("LocalResponseNorm", dict(size=5, alpha=0.1, beta=0.5, k=2.0), [2, 4, 2, 3])

# Pools.
for axes in 1, 2, 3:
    size, lead = [[7], [7, 6], [4, 3, 5]][axes - 1], [2, 2] if axes < 3 else [1, 1]
    for config in dict(kernel_size=2), dict(kernel_size=3, stride=2, padding=1), dict(kernel_size=3, stride=2, padding=1, ceil_mode=True), dict(kernel_size=2, stride=3, ceil_mode=True):
        layer(f"MaxPool{axes}d", config, [*lead, *size])
        layer(f"AvgPool{axes}d", config | dict(count_include_pad=False), [*lead, *size])
        layer(f"AvgPool{axes}d", config, [*lead, *size])
    for out in 1, 3, 4:
        layer(f"AdaptiveAvgPool{axes}d", dict(output_size=out), [*lead, *size])
        layer(f"AdaptiveMaxPool{axes}d", dict(output_size=out), [*lead, *size])
layer("MaxPool2d", dict(kernel_size=[2, 3], stride=[1, 2], dilation=[3, 1]), [2, 2, 6, 7])
layer("MaxPool2d", dict(kernel_size=3, stride=1), inputs=dict(input=torch.randint(0, 2, (2, 2, 5, 5)).float()), second=False)  # ties
layer("AdaptiveMaxPool2d", dict(output_size=2), inputs=dict(input=torch.randint(0, 2, (2, 2, 5, 5)).float()), second=False)
layer("MaxPool1d", dict(kernel_size=2), inputs=dict(input=torch.tensor([[[1.0, float("nan"), -float("inf"), -float("inf"), float("inf"), 2]]])), second=False)
layer("AvgPool2d", dict(kernel_size=[2, 3], divisor_override=4), [1, 2, 5, 6])
layer("AdaptiveAvgPool2d", dict(output_size=[None, 2]), [1, 2, 3, 5])

# Paddings.
for axes in 1, 2, 3:
    size, around = [[4], [4, 3], [3, 3, 3]][axes - 1], [1, 2, 0, 1, 2, 2][: 2 * axes]
    for kind in "Zero", "Reflection", "Replication", "Circular":
        layer(f"{kind}Pad{axes}d", dict(padding=around), [2, 2, *size])
    layer(f"ConstantPad{axes}d", dict(padding=around, value=-1.5), [2, 2, *size])
layer("ZeroPad2d", dict(padding=[-1, 2, 1, -2]), [2, 2, 4, 3])
layer("ConstantPad1d", dict(padding=[-1, -1], value=2.0), [2, 2, 5])
layer("ReflectionPad2d", dict(padding=1), [1, 2, 3, 4])
for mode, pad in ("constant", [1, -1]), ("constant", [0, 1, 2, 0, 1, 1]), ("reflect", [2, 1]), ("replicate", [3, 0, 1, 1]), ("circular", [1, 2]):
    function("pad", dict(pad=pad, mode=mode) | (dict(value=0.5) if mode == "constant" else {}), dict(input=randn(2, 3, 4, 4) if len(pad) > 2 else randn(2, 3, 4)))

# Shapes.
layer("PixelShuffle", dict(upscale_factor=3), [1, 9, 2, 2])
layer("PixelUnshuffle", dict(downscale_factor=3), [1, 2, 3, 6])
layer("ChannelShuffle", dict(groups=3), [2, 6, 2, 2])
layer("Flatten", {}, [2, 3, 2, 2])
for config in dict(kernel_size=[2, 3]), dict(kernel_size=2, stride=[2, 1], padding=1, dilation=[1, 2]):
    layer("Unfold", config, [2, 3, 4, 5])
    out = nn.Unfold(**config)(randn(2, 3, 4, 5)).shape
    layer("Fold", dict(output_size=[4, 5]) | config, list(out))

# Linear and the like; norms of weights.
layer("Linear", dict(in_features=3, out_features=2, bias=False), [2, 2, 3])
layer("Bilinear", dict(in1_features=2, in2_features=3, out_features=2, bias=False), [2, 2, 2], [2, 2, 3], names=("input1", "input2"))
ids = torch.tensor([[0, 3, 3], [1, 0, 4]])
layer("Embedding", dict(num_embeddings=5, embedding_dim=3, padding_idx=-2), inputs=dict(input=ids))
layer("Embedding", dict(num_embeddings=5, embedding_dim=3, max_norm=1.0, padding_idx=0), inputs=dict(input=ids))
for name, module, x in (
    ("Linear", dict(in_features=3, out_features=4), [2, 3]),
    ("Conv1d", dict(in_channels=2, out_channels=3, kernel_size=3, padding=1), [2, 2, 5]),
    ("Conv2d", dict(in_channels=2, out_channels=3, kernel_size=2, bias=False), [2, 2, 3, 4]),
    ("ConvTranspose1d", dict(in_channels=2, out_channels=3, kernel_size=3, stride=2), [2, 2, 3]),
):
    for where in nn.utils.parametrizations, nn.utils:
        prefix = where.__name__ + "."
        for dim in (0, 1, None):
            m = where.weight_norm(getattr(nn, name)(**module), dim=dim)
            case(prefix + "weight_norm", dict(layer=name, kwargs=module, dim=dim), dict(input=randn(x)), lambda input: m(input), m)
        for train in False, True:
            steps = 1 + train
            m = where.spectral_norm(getattr(nn, name)(**module), n_power_iterations=steps)
            case(prefix + "spectral_norm", dict(layer=name, kwargs=module, n_power_iterations=steps), dict(input=randn(x)), lambda input: m(input), m, train, second=False)

# Attention and transformers.
for config in {}, dict(bias=False), dict(kdim=3, vdim=5), dict(add_zero_attn=True), dict(add_bias_kv=True, add_zero_attn=True, kdim=3):
    config = dict(embed_dim=4, num_heads=2, batch_first=True) | config
    m = nn.MultiheadAttention(**config)
    for p in m.parameters():
        nn.init.normal_(p, 0, 0.5)
    qkv = dict(query=randn(2, 3, 4), key=randn(2, 5, config.get("kdim", 4)), value=randn(2, 5, config.get("vdim", 4)))
    forbid = torch.zeros(3, 5, dtype=torch.bool)
    forbid[0, 2:] = forbid[2, 0] = True
    padded = torch.zeros(2, 5, dtype=torch.bool)
    padded[1, 3:] = True
    for masks in {}, dict(attn_mask=randn(3, 5)), dict(attn_mask=randn(4, 3, 5)), dict(key_padding_mask=padded, attn_mask=forbid):
        def call(**kw):
            y, weights = m(**kw)
            return dict(output=y, weights=weights)
        case("torch.nn.MultiheadAttention", config, qkv | masks, call, m, frozen=("attn_mask",))
for config in {}, dict(norm_first=True, activation="gelu"), dict(bias=False, layer_norm_eps=0.1):
    config = dict(d_model=4, nhead=2, dim_feedforward=6, dropout=0.0, batch_first=True) | config
    causal = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
    encoder, decoder = nn.TransformerEncoderLayer(**config), nn.TransformerDecoderLayer(**config)
    case("torch.nn.TransformerEncoderLayer", config, dict(src=randn(2, 3, 4), src_mask=causal), lambda **kw: encoder(**kw), encoder)
    case("torch.nn.TransformerDecoderLayer", config, dict(tgt=randn(2, 3, 4), memory=randn(2, 5, 4), tgt_mask=causal, memory_key_padding_mask=padded), lambda **kw: decoder(**kw), decoder)

# Recurrent layers, from a state on.
for name, config in ("RNN", dict(nonlinearity="relu")), ("LSTM", dict(num_layers=2, bidirectional=True, batch_first=True)), ("GRU", dict(bias=False)):
    config = dict(input_size=2, hidden_size=3) | config
    m = getattr(nn, name)(**config)
    runs = m.num_layers * (1 + m.bidirectional)
    state = dict(h_0=randn(runs, 2, 3)) | (dict(c_0=randn(runs, 2, 3)) if name == "LSTM" else {})

    def call(input, h_0, c_0=None):
        y, last = m(input, h_0 if c_0 is None else (h_0, c_0))
        return dict(output=y) | (dict(h_n=last) if c_0 is None else dict(h_n=last[0], c_n=last[1]))

    case("torch.nn." + name, config, dict(input=randn(2, 4, 2) if m.batch_first else randn(4, 2, 2)) | state, call, m)
for name in "Dropout", "Dropout1d", "Dropout2d", "Dropout3d":
    layer(name, dict(p=0.3), [2, 3, 2, 2, 2][: 2 + int(name[7:8] or 1)])

# Losses.
for reduction in "mean", "sum", "none":
    r = dict(reduction=reduction)
    x, y, p, q = randn(3, 4), randn(3, 4), torch.rand(3, 4) * 0.9 + 0.05, torch.rand(3, 4)
    two = lambda a, b: dict(input=a, target=b)

    def loss(name, config, inputs, frozen=("target",), second=True):
        m = getattr(nn, name)(**(r | {k: torch.tensor(v) if k in ("weight", "pos_weight") else v for k, v in config.items()}))
        case("torch.nn." + name, r | config, inputs, lambda **kw: m(*kw.values()), m, second=second, frozen=frozen)

    loss("MSELoss", {}, two(x, y), ())
    loss("L1Loss", {}, two(x, y * (torch.rand(3, 4) > 0.3) + x * (torch.rand(3, 4) > 0.7)), (), second=False)
    loss("SmoothL1Loss", dict(beta=0.5), two(x, y), ())
    loss("SmoothL1Loss", dict(beta=0.0), two(x, y), (), second=False)
    loss("HuberLoss", dict(delta=0.7), two(x, y), ())
    loss("KLDivLoss", {}, two(p.log(), q * (q > 0.3)))
    loss("KLDivLoss", dict(log_target=True), two(p.log(), q.log()))
    loss("PoissonNLLLoss", dict(full=True), dict(log_input=x, target=q * 5))
    loss("PoissonNLLLoss", dict(log_input=False), dict(log_input=p, target=q * 5))
    loss("GaussianNLLLoss", dict(full=True, eps=0.2), dict(input=x, target=y, var=q))
    loss("GaussianNLLLoss", {}, dict(input=x, target=y, var=q[:, 0]))
    loss("BCELoss", dict(weight=[0.5, 2.0, 1.0, 3.0]), two(p, q))
    loss("BCEWithLogitsLoss", dict(weight=[0.5, 2.0, 1.0, 3.0]), two(x, q))
    loss("BCEWithLogitsLoss", dict(pos_weight=[0.5, 2.0, 1.0, 3.0]), two(x, q))
    label = torch.tensor([2, 0, 1])
    loss("NLLLoss", dict(weight=[0.5, 2.0, 1.0, 3.0], ignore_index=0), two(F.log_softmax(x, 1), label), second=False)
    loss("CrossEntropyLoss", dict(weight=[0.5, 2.0, 1.0, 3.0], ignore_index=0, label_smoothing=0.2), two(x, label))
    loss("CrossEntropyLoss", dict(label_smoothing=0.2), two(x, label))
    loss("CrossEntropyLoss", dict(weight=[0.5, 2.0, 1.0, 3.0], label_smoothing=0.1), two(x, q / q.sum(1, keepdim=True)))
    loss("CrossEntropyLoss", {}, two(randn(2, 4, 3), torch.tensor([[0, 1, -100], [3, 3, 2]])))
    loss("TripletMarginLoss", dict(margin=2.0, swap=True), dict(anchor=x, positive=y, negative=randn(3, 4)))
    loss("TripletMarginLoss", dict(p=1.0), dict(anchor=x, positive=y, negative=randn(3, 4)), second=False)
    loss("TripletMarginLoss", dict(p=3.0), dict(anchor=x, positive=y, negative=randn(3, 4)))
    signs = torch.tensor([1.0, -1.0, -1.0])
    loss("MarginRankingLoss", dict(margin=0.3), dict(input1=x[:, 0], input2=y[:, 0], target=signs))
    loss("CosineEmbeddingLoss", dict(margin=0.1), dict(input1=x, input2=y, target=signs))
loss = None
r = dict(reduction="batchmean")
m = nn.KLDivLoss(**r)
case("torch.nn.KLDivLoss", r, dict(input=randn(3, 4), target=torch.rand(3, 4)), lambda **kw: m(*kw.values()), frozen=("target",))
for dim in 1, -1:
    layer("CosineSimilarity", dict(dim=dim), [3, 4, 2], [3, 4, 2], names=("x1", "x2"))
function("normalize", dict(p=1.0, dim=-1), dict(input=randn(3, 4)))
function("normalize", dict(p=3.0), dict(input=randn(3, 4, 2)))
layer("CosineSimilarity", dict(dim=-1, eps=0.5), [3, 4], [1, 4], names=("x1", "x2"))
function("normalize", dict(dim=0), dict(input=torch.cat([randn(3, 2), torch.zeros(3, 1)], 1)), second=False)

# Resizing.
pictures = [([2, 2, 5], "linear"), ([1, 2, 5, 4], "bilinear"), ([1, 2, 5, 4], "bicubic"), ([1, 1, 3, 4, 3], "trilinear")]
for shape, mode in pictures:
    axes = len(shape) - 2
    for size in [3, 4, 7][:axes], [8, 2, 3][:axes], [1] * axes:
        for corners in False, True:
            function("interpolate", dict(size=size, mode=mode, align_corners=corners), dict(input=randn(shape)))
        if axes == 2:
            function("interpolate", dict(size=size, mode=mode, antialias=True), dict(input=randn(shape)))
    for factor in 0.6, 1.7, 2.0:
        function("interpolate", dict(scale_factor=factor, mode=mode, align_corners=False), dict(input=randn(shape)))
        function("interpolate", dict(scale_factor=factor, mode=mode, align_corners=False, recompute_scale_factor=True), dict(input=randn(shape)))
        layer("Upsample", dict(scale_factor=factor, mode=mode), shape)
for mode in "nearest", "nearest-exact", "area":
    for shape in [2, 2, 7], [1, 2, 5, 4], [1, 1, 3, 4, 3]:
        axes = len(shape) - 2
        for size in [3, 9, 7][:axes], [14, 2, 1][:axes]:
            function("interpolate", dict(size=size, mode=mode), dict(input=randn(shape)))
        for factor in 0.6, 1.7, 3.0:
            function("interpolate", dict(scale_factor=factor, mode=mode), dict(input=randn(shape)))

# Grids.
theta = randn(2, 2, 3)
for corners in False, True:
    function("affine_grid", dict(size=[2, 1, 3, 4], align_corners=corners), dict(theta=theta))
    function("affine_grid", dict(size=[2, 1, 2, 3, 2], align_corners=corners), dict(theta=randn(2, 3, 4)))
    for mode in "bilinear", "nearest", "bicubic":
        for padding in "zeros", "border", "reflection":
            config = dict(mode=mode, padding_mode=padding, align_corners=corners)
            # Not too near to a kink, where a rounding decides.
            size = torch.tensor([3.0, 4.0])
            at = torch.randint(-3, 8, (2, 3, 2, 2)) + torch.rand(2, 3, 2, 2) * 0.3 + 0.1
            grid = at / (size - 1) * 2 - 1 if corners else (at * 2 + 1) / size - 1
            function("grid_sample", config, dict(input=randn(2, 2, 4, 3), grid=grid), second=False)

for hard in False, True:
    for axis in -1, 1:
        def gumbel(logits, gumbels):
            soft = ((logits + gumbels) / 0.7).softmax(axis)
            if not hard:
                return soft
            index = soft.max(axis, keepdim=True)[1]
            return torch.zeros_like(soft).scatter_(axis, index, 1.0) - soft.detach() + soft
        case("genlab.gumbel_softmax", dict(tau=0.7, hard=hard, dim=axis), dict(logits=randn(2, 3, 4), gumbels=randn(2, 3, 4)), gumbel, frozen=("gumbels",))

for corners in False, True:  # volumes
    for mode in "bilinear", "nearest":
        for padding in "zeros", "border", "reflection":
            config = dict(mode=mode, padding_mode=padding, align_corners=corners)
            size = torch.tensor([3.0, 4.0, 2.0])
            at = torch.randint(-3, 8, (2, 2, 2, 2, 3)) + torch.rand(2, 2, 2, 2, 3) * 0.3 + 0.1
            grid = at / (size - 1) * 2 - 1 if corners else (at * 2 + 1) / size - 1
            function("grid_sample", config, dict(input=randn(2, 2, 2, 4, 3), grid=grid), second=False)

def topk(input):
    values, places = input.topk(2, dim=1)
    return dict(values=values, indices=places)

case("torch.topk", dict(k=2, dim=1), dict(input=randn(2, 4, 3)), topk)

for config in dict(), dict(scale=0.3), dict(is_causal=True), dict(enable_gqa=True):
    heads = 2 if config.get("enable_gqa") else 4
    def product(query, key, value):
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, **config)
    case("torch.nn.functional.scaled_dot_product_attention", config, dict(query=randn(2, 4, 3, 2), key=randn(2, heads, 5, 2), value=randn(2, heads, 5, 3)), product)

path = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "cases.safetensors"
save_file({k: torch.cat(v) for k, v in values.items()}, path, dict(cases=json.dumps(cases, separators=(",", ":")), torch=torch.__version__))
print(len(cases), "cases")
