"""Run ONNX's backend node tests on lib/nn, which opens its layers by PyTorch's names: vectors.py [OPERATOR …].

The tests lie in the onnx package of make peers. Each that has a counterpart among nnspec's layers becomes one of its cases, which
TestCases of lib/nn/nnspec runs on the pure-Go backend (and on XLA with GENLAB_FULL=1); a table by operator says how many are
applicable and passed, and what of the rest no layer here does. It ends with an error where a case fails.
"""

import collections
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.backend.test
from onnx import helper, numpy_helper
from safetensors.numpy import save_file

DATA = Path(onnx.backend.test.__file__).parent / "data"
FILE = Path(".cache/onnx.safetensors")


# Tests whose results are written down with four digits.
ROUNDED = {"test_averagepool_2d_ceil_last_window_starts_on_pad"}


class Unsupported(Exception):
    """What a test asks for and no layer of lib/nn does."""


def need(condition, why):
    if not condition:
        raise Unsupported(why)


def case(name, config=None, weights=None, output="output", **inputs):
    """A case of a layer: its PyTorch name, arguments, weights and inputs; output names the only result."""
    return {"id": name, "config": config or {}, "weights": weights or {}, "inputs": inputs, "outputs": [output]}


def spatial(x):
    axes = x.ndim - 2
    need(1 <= axes <= 3, f"{axes} spatial axes")
    return axes


def padding(attributes, x, kernel, strides, dilations):
    """Zeros before and after each axis, explicit ones or those of SAME_UPPER, SAME_LOWER and VALID."""
    axes = spatial(x)
    how = attributes.get("auto_pad", "NOTSET")
    if how == "NOTSET":
        pads = attributes.get("pads", [0] * 2 * axes)
        return pads[:axes], pads[axes:]
    if how == "VALID":
        return [0] * axes, [0] * axes
    total = [max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n) for n, k, s, d in zip(x.shape[2:], kernel, strides, dilations)]
    less, more = [t // 2 for t in total], [t - t // 2 for t in total]
    return (less, more) if how == "SAME_UPPER" else (more, less)


def padded(x, before, after, value=0.0):
    """The input with zeros put on, and what PyTorch's symmetric padding is then."""
    if list(before) == list(after):
        return x, list(before)
    return np.pad(x, [(0, 0), (0, 0), *zip(before, after)], constant_values=value), [0] * len(before)


# ---- one function an operator: attributes, inputs, the shapes of outputs → case


def activation(name, **config):
    return lambda a, x, out: case("torch.nn." + name, config, input=x[0])


def along(name):
    return lambda a, x, out: case("torch.nn." + name, {"dim": a.get("axis", -1)}, input=x[0])


def conv(a, x, out):
    w = x[1]
    axes = spatial(x[0])
    kernel = a.get("kernel_shape", w.shape[2:])
    strides, dilations = a.get("strides", [1] * axes), a.get("dilations", [1] * axes)
    given, pad = padded(x[0], *padding(a, x[0], kernel, strides, dilations))
    groups = a.get("group", 1)
    config = {
        "in_channels": w.shape[1] * groups, "out_channels": w.shape[0], "kernel_size": list(kernel), "stride": list(strides),
        "dilation": list(dilations), "padding": pad, "groups": groups, "bias": len(x) > 2,
    }
    return case(f"torch.nn.Conv{axes}d", config, weights(x[1:]), input=given)


def conv_transpose(a, x, out):
    w = x[1]
    axes = spatial(x[0])
    kernel = a.get("kernel_shape", w.shape[2:])
    strides, dilations = a.get("strides", [1] * axes), a.get("dilations", [1] * axes)
    extra = list(a.get("output_padding", [0] * axes))
    if "output_shape" in a or a.get("auto_pad", "NOTSET").startswith("SAME"):
        size = a.get("output_shape", [n * s for n, s in zip(x[0].shape[2:], strides)])
        total = [(n - 1) * s + (k - 1) * d + 1 + e - o for n, s, k, d, e, o in zip(x[0].shape[2:], strides, kernel, dilations, extra, size)]
        need(all(t >= 0 for t in total), "an output larger than the kernels reach")
        less, more = [t // 2 for t in total], [t - t // 2 for t in total]
        before, after = (less, more) if a.get("auto_pad") == "SAME_UPPER" else (more, less)
    else:
        before, after = padding(a, x[0], kernel, strides, dilations)
    # More cut off before than after is as much of both, and less added after.
    extra = [e + b - f for e, b, f in zip(extra, before, after)]
    need(all(0 <= e < max(s, d) for e, s, d in zip(extra, strides, dilations)), "more cut off after than before")
    groups = a.get("group", 1)
    config = {
        "in_channels": w.shape[0], "out_channels": w.shape[1] * groups, "kernel_size": list(kernel), "stride": list(strides),
        "dilation": list(dilations), "padding": list(before), "output_padding": extra, "groups": groups, "bias": len(x) > 2,
    }
    return case(f"torch.nn.ConvTranspose{axes}d", config, weights(x[1:]), input=x[0])


def weights(given):
    return dict(zip(("weight", "bias"), given))


def pool(name):
    def make(a, x, out):
        axes = spatial(x[0])
        need(out == 1, "places of the largest")
        need(x[0].dtype == np.float32, "whole numbers")
        kernel = a["kernel_shape"]
        strides, dilations = a.get("strides", [1] * axes), a.get("dilations", [1] * axes)
        before, after = padding(a, x[0], kernel, strides, dilations)
        config = {"kernel_size": kernel, "stride": strides, "ceil_mode": bool(a.get("ceil_mode", 0))}
        if name == "Max":
            config["dilation"] = dilations
            given, config["padding"] = padded(x[0], before, after, -np.inf)
        else:
            need(all(d == 1 for d in dilations), "dilation")
            config["count_include_pad"] = bool(a.get("count_include_pad", 0))
            need(list(before) == list(after) or config["count_include_pad"], "unequal padding that isn't counted")
            given, config["padding"] = padded(x[0], before, after)
        need(all(2 * p <= k for p, k in zip(config["padding"], kernel)), "padding wider than half the kernel, which PyTorch refuses")
        return case(f"torch.nn.{name}Pool{axes}d", config, input=given)

    return make


def global_pool(name):
    return lambda a, x, out: case(f"torch.nn.Adaptive{name}Pool{spatial(x[0])}d", {"output_size": [1] * spatial(x[0])}, input=x[0])


def norm_weights(x):
    return dict(zip(("weight", "bias", "running_mean", "running_var"), x[1:]))


def batch_norm(a, x, out):
    axes = max(1, x[0].ndim - 2)
    config = {"num_features": x[1].size, "eps": a.get("epsilon", 1e-5), "momentum": 1 - a.get("momentum", 0.9)}
    w = norm_weights(x) | {"num_batches_tracked": np.zeros((), np.int64)}
    need(not a.get("training_mode"), "a running variance of all values, where PyTorch's is of all but one")
    return case(f"torch.nn.BatchNorm{axes}d", config, w, input=x[0])


def instance_norm(a, x, out):
    config = {"num_features": x[1].size, "eps": a.get("epsilon", 1e-5), "affine": True}
    return case(f"torch.nn.InstanceNorm{spatial(x[0])}d", config, norm_weights(x), input=x[0])


def layer_norm(a, x, out):
    axis = a.get("axis", -1) % x[0].ndim
    config = {"normalized_shape": list(x[0].shape[axis:]), "eps": a.get("epsilon", 1e-5), "bias": len(x) > 2}
    return case("torch.nn.LayerNorm", config, {n: v.reshape(x[0].shape[axis:]) for n, v in norm_weights(x).items()}, input=x[0])


def rms_norm(a, x, out):
    axis = a.get("axis", -1) % x[0].ndim
    config = {"normalized_shape": list(x[0].shape[axis:]), "eps": a.get("epsilon", 1e-5)}
    return case("torch.nn.RMSNorm", config, {"weight": np.broadcast_to(x[1], x[0].shape[axis:])}, input=x[0])


def group_norm(a, x, out):
    config = {"num_groups": a["num_groups"], "num_channels": x[0].shape[1], "eps": a.get("epsilon", 1e-5)}
    return case("torch.nn.GroupNorm", config, norm_weights(x), input=x[0])


def response_norm(a, x, out):
    config = {"size": a["size"], "alpha": a.get("alpha", 1e-4), "beta": a.get("beta", 0.75), "k": a.get("bias", 1.0)}
    return case("torch.nn.LocalResponseNorm", config, input=x[0])


def gemm(a, x, out):
    left = x[0].T if a.get("transA") else x[0]
    right = x[1] if a.get("transB") else x[1].T
    config = {"in_features": right.shape[1], "out_features": right.shape[0], "bias": len(x) > 2}
    w = {"weight": right * np.float32(a.get("alpha", 1.0))}
    if len(x) > 2:
        bias = x[2] * np.float32(a.get("beta", 1.0))
        need(bias.ndim < 2 or bias.shape[0] == 1, "another bias for each row")
        w["bias"] = np.broadcast_to(bias.reshape(-1), right.shape[0])
    return case("torch.nn.Linear", config, w, input=left)


def hard_sigmoid(a, x, out):
    need(abs(a.get("alpha", 0.2) - 1 / 6) < 1e-6 and a.get("beta", 0.5) == 0.5, "a slope other than PyTorch's 1/6")
    return case("torch.nn.Hardsigmoid", input=x[0])


def selu(a, x, out):
    need(abs(a.get("alpha", 1.67326) - 1.67326) < 1e-4 and abs(a.get("gamma", 1.0507) - 1.0507) < 1e-4, "other numbers than SELU's own")
    return case("torch.nn.SELU", input=x[0])


def shrink(a, x, out):
    lambd, bias = a.get("lambd", 0.5), a.get("bias", 0.0)
    need(bias in (0.0, lambd), "a bias other than lambda")
    return case("torch.nn.Softshrink" if bias else "torch.nn.Hardshrink", {"lambd": lambd}, input=x[0])


def swish(a, x, out):
    need(a.get("alpha", 1.0) == 1.0, "a factor other than 1")
    return case("torch.nn.SiLU", input=x[0])


def prelu(a, x, out):
    slopes = x[1]
    need(slopes.size == 1 or (x[0].ndim > 2 and slopes.size == x[0].shape[1] == slopes.shape[0]), "a slope for each value")
    return case("torch.nn.PReLU", {"num_parameters": slopes.size}, {"weight": slopes.reshape(-1)}, input=x[0])


def clip(a, x, out):
    low = x[1] if len(x) > 1 else a.get("min")
    high = x[2] if len(x) > 2 else a.get("max")
    need(low is not None and high is not None and float(low) < float(high), "a side without a bound, or bounds that cross")
    return case("torch.nn.Hardtanh", {"min_val": float(low), "max_val": float(high)}, input=x[0])


def flatten(a, x, out):
    need(a.get("axis", 1) == 1 and x[0].ndim > 1, "an axis other than 1")
    return case("torch.nn.Flatten", input=x[0])


def dropout(a, x, out):
    need(out == 1 and not (len(x) > 2 and bool(x[2])), "the mask, or training, whose draw is its own")
    return case("torch.nn.Dropout", {}, input=x[0])


PADS = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


def pad(a, x, out):
    pads = list(x[1]) if len(x) > 1 else list(a["pads"])
    axes = [int(i) % x[0].ndim for i in (x[3] if len(x) > 3 else range(x[0].ndim))]
    need(x[0].dtype == np.float32, "whole numbers")
    each = {i: (int(pads[j]), int(pads[j + len(axes)])) for j, i in enumerate(axes)}
    config = {"pad": [n for i in reversed(range(x[0].ndim)) for n in each.get(i, (0, 0))], "mode": PADS[a.get("mode", "constant")]}
    value = float(x[2]) if len(x) > 2 and x[2] is not None and x[2].size else a.get("value", 0.0)
    if config["mode"] == "constant":
        config["value"] = value
    return case("torch.nn.functional.pad", config, input=x[0])


def resize(a, x, out):
    sizes, scales = (x[3] if len(x) > 3 else None), (x[2] if len(x) > 2 else None)
    x0 = x[0]
    n = x0.ndim
    axes = [int(i) % n for i in a.get("axes", range(n))]
    scale = [1.0] * n
    need(a.get("keep_aspect_ratio_policy", "stretch") == "stretch", "a kept aspect ratio")
    if scales is not None and scales.size:
        for i, s in zip(axes, scales):
            scale[i] = float(s)
        size = [int(np.floor(d * s)) for d, s in zip(x0.shape, scale)]
    else:
        size = list(x0.shape)
        for i, s in zip(axes, sizes):
            size[i] = int(s)
    need(size[:2] == list(x0.shape[:2]) and n > 2, "batch or channels resized")
    mode, where = a.get("mode", "nearest"), a.get("coordinate_transformation_mode", "half_pixel")
    need(not a.get("exclude_outside"), "weights outside left out")
    modes = {"nearest": "nearest", "linear": ["linear", "bilinear", "trilinear"][n - 3], "cubic": "bicubic"}
    config = {"mode": modes[mode], "align_corners": where == "align_corners"}
    need(where != "pytorch_half_pixel" or 1 not in size[2:], "the first value for an axis of one, as PyTorch had it once")
    need(not a.get("antialias"), "antialiasing by other weights than PyTorch's")
    exact = all(abs(d * s - o) < 1e-6 for d, s, o in zip(x0.shape, scale, size)) or not (scales is not None and scales.size)
    if mode == "nearest":
        how = a.get("nearest_mode", "round_prefer_floor")
        if where == "half_pixel" and how == "round_prefer_floor":
            config["mode"] = "nearest-exact"
            ratio = [o / d for d, o in zip(x0.shape, size)]
            # Where a middle falls between two values, the two round to other sides.
            need(not any(abs(((i + 0.5) / r - 0.5) % 1 - 0.5) < 1e-6 for r, o in zip(ratio, size) for i in range(o)), "a middle rounded down")
        else:
            need(where == "asymmetric" and how == "floor", f"nearest by {where} and {how}")
    else:
        need(where in ("half_pixel", "align_corners", "pytorch_half_pixel"), f"coordinates by {where}")
        need(mode != "cubic" or abs(a.get("cubic_coeff_a", -0.75) + 0.75) < 1e-6, "another coefficient of the cubic")
        need(where != "half_pixel" or 1 not in [o for o, d in zip(size, x0.shape) if o != d], "half pixels of an axis of one")
    if mode == "nearest":
        config.pop("align_corners")
    need(exact or where != "align_corners", "corners aligned by the scale, not by the sizes")
    if not exact:  # the scale counts, not the sizes' ratio
        config["scale_factor"] = scale[2:]
    else:
        config["size"] = size[2:]
    return case("torch.nn.functional.interpolate", config, input=x0)


def grid_sample(a, x, out):
    modes = {"linear": "bilinear", "bilinear": "bilinear", "nearest": "nearest", "cubic": "bicubic", "bicubic": "bicubic"}
    config = {"mode": modes[a.get("mode", "linear")], "padding_mode": a.get("padding_mode", "zeros"), "align_corners": bool(a.get("align_corners", 0))}
    return case("torch.nn.functional.grid_sample", config, input=x[0], grid=x[1])


def affine_grid(a, x, out):
    config = {"size": [int(n) for n in x[1]], "align_corners": bool(a.get("align_corners", 0))}
    return case("torch.nn.functional.affine_grid", config, theta=x[0])


def fold(a, x, out):
    need(len(x[1]) == 2, "other than two axes")
    pads = a.get("pads", [0, 0, 0, 0])
    need(pads[:2] == pads[2:], "unequal padding")
    config = {
        "output_size": [int(n) for n in x[1]], "kernel_size": [int(n) for n in x[2]], "dilation": a.get("dilations", [1, 1]),
        "padding": pads[:2], "stride": a.get("strides", [1, 1]),
    }
    return case("torch.nn.Fold", config, input=x[0])


def pixel_shuffle(a, x, out):
    need(a.get("mode", "DCR") == "CRD", "depth first, which PyTorch has not")
    return case("torch.nn.PixelShuffle", {"upscale_factor": a["blocksize"]}, input=x[0])


def lp_norm(a, x, out):
    need(np.linalg.norm(x[0], axis=a.get("axis", -1)).all(), "zeros divided by zero, where PyTorch gives zeros")
    return case("torch.nn.functional.normalize", {"p": float(a.get("p", 2)), "dim": a.get("axis", -1)}, input=x[0])


def nll(name):
    def make(a, x, out):
        need(out == 1, "log probabilities beside the loss")
        config = {"reduction": a.get("reduction", "mean")}
        if len(x) > 2 and x[2] is not None:
            config["weight"] = [float(v) for v in x[2]]
        if "ignore_index" in a:
            config["ignore_index"] = a["ignore_index"]
        w = {"weight": x[2]} if "weight" in config else {}
        return case("torch.nn." + name, config, w, input=x[0], target=x[1])

    return make


ORDER = {"LSTM": [0, 2, 3, 1], "GRU": [1, 0, 2], "RNN": [0]}  # where PyTorch's gates lie among ONNX's: i o f c, z r h


def recurrent(name):
    def make(a, x, out):
        x = list(x) + [None] * (8 - len(x))
        need(a.get("direction", "forward") == "forward" and "activations" not in a and "clip" not in a, "another direction or activation")
        need(x[4] is None and x[7] is None, "lengths or peepholes")
        hidden = a["hidden_size"]
        if name == "GRU":
            need(a.get("linear_before_reset", 0) == 1 or not x[3] is not None, "a reset before the matrix, with a bias")
            need(a.get("linear_before_reset", 0) == 1, "a reset before the matrix")

        def gates(v):
            parts = np.split(v, len(ORDER[name]))
            return np.concatenate([parts[i] for i in ORDER[name]])

        config = {"input_size": x[0].shape[2], "hidden_size": hidden, "bias": x[3] is not None}
        w = {"weight_ih_l0": gates(x[1][0]), "weight_hh_l0": gates(x[2][0])}
        if x[3] is not None:
            halves = np.split(x[3][0], 2)
            w["bias_ih_l0"], w["bias_hh_l0"] = gates(halves[0]), gates(halves[1])
        given = x[0]
        if a.get("layout", 0):
            given = given.swapaxes(0, 1)
        inputs = {"input": given}
        if x[5] is not None:
            inputs["h_0"] = x[5]
        if name == "LSTM" and x[6] is not None:
            inputs["c_0"] = x[6]
        c = case("torch.nn." + name, config, w, **inputs)
        c["recurrent"] = a.get("layout", 0)
        return c

    return make


def top_k(a, x, out):
    need(a.get("largest", 1), "the smallest")
    c = case("torch.topk", {"k": int(x[1][0]) if len(x) > 1 else a["k"], "dim": a.get("axis", -1)}, input=x[0])
    c["outputs"] = ["values", "indices"]
    return c


def attention(a, x, out):
    x = list(x) + [None] * (6 - len(x))
    need(out == 1 and x[4] is None and x[5] is None and len(x) == 6, "keys of the past, or lengths")
    need(not a.get("softcap") and "qk_matmul_output_mode" not in a, "scores capped")
    query, key, value = x[:3]
    threes = query.ndim == 3
    if threes:
        heads, shared = a["q_num_heads"], a["kv_num_heads"]
        query, key, value = (v.reshape(*v.shape[:2], n, -1).swapaxes(1, 2) for v, n in ((query, heads), (key, shared), (value, shared)))
    need(x[3] is None or not a.get("is_causal"), "a mask and a causal one")
    config = {"is_causal": bool(a.get("is_causal", 0)), "enable_gqa": query.shape[1] != key.shape[1]}
    if "scale" in a:
        config["scale"] = a["scale"]
    c = case("torch.nn.functional.scaled_dot_product_attention", config, query=query, key=key, value=value)
    if x[3] is not None:
        c["inputs"]["attn_mask"] = x[3]
    c["attention"] = query.shape[1] if threes else 0
    return c


def elu_like(name, key):
    return lambda a, x, out: case("torch.nn." + name, {"alpha": a.get(key, 1.0)}, input=x[0])


OPERATORS = {
    "AffineGrid": affine_grid, "Attention": attention, "AveragePool": pool("Avg"), "BatchNormalization": batch_norm, "Celu": elu_like("CELU", "alpha"), "Clip": clip,
    "Col2Im": fold, "Conv": conv, "ConvTranspose": conv_transpose, "DepthToSpace": pixel_shuffle, "Dropout": dropout,
    "Elu": elu_like("ELU", "alpha"), "Flatten": flatten, "Gelu": lambda a, x, out: case("torch.nn.GELU", {"approximate": a.get("approximate", "none")}, input=x[0]),
    "Gemm": gemm, "GlobalAveragePool": global_pool("Avg"), "GlobalMaxPool": global_pool("Max"), "GridSample": grid_sample,
    "GroupNormalization": group_norm, "GRU": recurrent("GRU"), "HardSigmoid": hard_sigmoid, "HardSwish": activation("Hardswish"),
    "Identity": activation("Identity"), "InstanceNormalization": instance_norm, "LayerNormalization": layer_norm,
    "LeakyRelu": lambda a, x, out: case("torch.nn.LeakyReLU", {"negative_slope": a.get("alpha", 0.01)}, input=x[0]),
    "LogSoftmax": along("LogSoftmax"), "LpNormalization": lp_norm, "LRN": response_norm, "LSTM": recurrent("LSTM"), "MaxPool": pool("Max"),
    "Mish": activation("Mish"), "NegativeLogLikelihoodLoss": nll("NLLLoss"), "Pad": pad, "PRelu": prelu, "Relu": activation("ReLU"), "Resize": resize,
    "RMSNormalization": rms_norm, "RNN": recurrent("RNN"), "Selu": selu, "Shrink": shrink, "Sigmoid": activation("Sigmoid"), "Softmax": along("Softmax"),
    "SoftmaxCrossEntropyLoss": nll("CrossEntropyLoss"), "Softplus": activation("Softplus"), "Softsign": activation("Softsign"), "Swish": swish,
    "Tanh": activation("Tanh"), "TopK": top_k, "ThresholdedRelu": lambda a, x, out: case("torch.nn.Threshold", {"threshold": a.get("alpha", 1.0), "value": 0.0}, input=x[0]),
}


def values(path, kind):
    found = []
    for i in range(len(list(path.glob(f"{kind}_*.pb")))):
        tensor = onnx.TensorProto()
        tensor.ParseFromString((path / f"{kind}_{i}.pb").read_bytes())
        found.append(numpy_helper.to_array(tensor))
    return found


def convert(folder):
    """The case of a folder of a test; None where its model isn't one operator."""
    model = onnx.load(folder / "model.onnx")
    graph = model.graph
    known = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            known[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        else:
            nodes.append(node)
    if len(nodes) != 1 or nodes[0].op_type not in OPERATORS:
        return None
    node = nodes[0]
    if not all(v.type.HasField("tensor_type") for v in [*graph.input, *graph.output]):
        return node.op_type, "a sequence, or a value that may be missing"
    sets = folder / "test_data_set_0"
    known |= dict(zip([v.name for v in graph.input if v.name not in known], values(sets, "input")))
    inputs = [known[name] if name else None for name in node.input]
    expected = values(sets, "output")
    attributes = {v.name: helper.get_attribute_value(v) for v in node.attribute}
    attributes = {k: v.decode() if isinstance(v, bytes) else v for k, v in attributes.items()}
    floats = [v for v in [*inputs, *expected] if v is not None and v.dtype.kind == "f"]
    try:
        need(folder.name not in ROUNDED, "a result of four digits")
        need(all(v.dtype == np.float32 for v in floats), "another type of number than float32")
        need(all(v is None or v.dtype.kind in "fib" for v in inputs), "a type of number that PyTorch's arrays haven't")
        c = OPERATORS[node.op_type](attributes, inputs, len([name for name in node.output if name]))
        if "recurrent" in c:
            names = ["output", "h_n", "c_n"]
            shown = [i for i, name in enumerate(node.output) if name]
            c["outputs"] = [names[i] for i in shown]
            for j, i in enumerate(shown):  # [time, directions, batch, hidden], in the other layout [batch, time, directions, hidden]
                if c["recurrent"]:
                    expected[j] = np.moveaxis(expected[j], 0, -2)
                expected[j] = expected[j][:, 0] if i == 0 else expected[j]
        if c.get("attention"):  # [batch, query, heads·dim]
            expected[0] = expected[0].reshape(*expected[0].shape[:2], c["attention"], -1).swapaxes(1, 2)
        c["expected"] = dict(zip(c.pop("outputs"), expected))
        return node.op_type, c
    except Unsupported as why:
        return node.op_type, str(why)


def write(cases):
    """The cases as nnspec's test reads them: all values of a kind in one row."""
    rows, listed = {"f": [], "i": []}, []
    for c in cases:
        described = {}
        for group in ("weights", "inputs", "expected"):
            for name, value in c[group].items():
                kind = "f" if value.dtype.kind == "f" else "ib" if value.dtype.kind == "b" else "i"
                described[f"{group}.{name}"] = [kind, *value.shape]
                rows[kind[0]].append(np.ascontiguousarray(value).reshape(-1).astype(np.float32 if kind == "f" else np.int64))
        listed.append({"ID": c["id"], "Config": c["config"], "Train": False, "Printed": "", "Tensors": described})
    FILE.parent.mkdir(exist_ok=True)
    save_file({k: np.concatenate([*v, np.zeros(1, v[0].dtype if v else np.int64)]) for k, v in rows.items()}, FILE, {"cases": json.dumps(listed)})


def main():
    names, cases, table = [], [], collections.defaultdict(lambda: {"passed": 0, "failed": 0, "unsupported": collections.Counter()})
    for kind in ("node", "pytorch-converted", "pytorch-operator", "simple"):
        for folder in sorted((DATA / kind).iterdir()):
            found = convert(folder)
            if found is None or (len(sys.argv) > 1 and found[0] not in sys.argv[1:]):
                continue
            operator, c = found
            if isinstance(c, str):
                table[operator]["unsupported"][c] += 1
            else:
                names.append((operator, f"{kind}/{folder.name}"))
                cases.append(c)
    write(cases)
    command = ["go", "test", "-count=1", "-json", "-run", "^TestCases$", "./lib/nn/nnspec"]
    ran = subprocess.run(command, env=os.environ | {"GENLAB_NN_CASES": str(FILE.resolve())}, capture_output=True, text=True)
    failed, said, seen = set(), collections.defaultdict(str), set()
    for line in ran.stdout.splitlines():
        event = json.loads(line)
        parts = event.get("Test", "").split("/", 2)
        if len(parts) < 3:
            continue
        index = int(parts[2].split("_", 1)[0])
        seen.add(index)
        if event["Action"] == "fail":
            failed.add(index)
        elif event["Action"] == "output" and "cases_test.go" in event["Output"]:
            said[index] += event["Output"].strip() + " "
    if len(seen) != len(cases):
        sys.exit(f"{len(seen)} of {len(cases)} cases ran\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
    for index, (operator, name) in enumerate(names):
        table[operator]["failed" if index in failed else "passed"] += 1
        if index in failed:
            print(f"failed: {name} ({cases[index]['id']} {json.dumps(cases[index]['config'])}): {said[index]}")
    print(f"{'operator':28}{'applicable':>11}{'passed':>8}{'failed':>8}   not here")
    for operator, row in sorted(table.items()):
        lacks = "; ".join(f"{why} ({n})" for why, n in row["unsupported"].items())
        print(f"{operator:28}{row['passed'] + row['failed']:>11}{row['passed']:>8}{row['failed']:>8}   {lacks}")
    print(f"{len(cases)} applicable, {len(cases) - len(failed)} passed, {len(failed)} failed, {sum(sum(r['unsupported'].values()) for r in table.values())} unsupported")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
