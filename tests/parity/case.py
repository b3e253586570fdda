"""A parity case: what a model is given in PyTorch, and what comes out, as files for `genlab forward` and `genlab step`.

Tolerances are those of float32 summed in another order: 2e-4 of a value after a forward pass; 1e-3 after some steps of Adam, which
amplify it; 2e-3 after those of a GAN, whose two models amplify each other's. That the case is no worse than that is seen here: PyTorch
computes it in float64, too, and where its own float32 is further from that than a quarter of the tolerance, the case is Unsettled.
"""
import copy
import json
import pathlib

import torch
from safetensors.torch import save_file

torch.set_num_threads(1)  # the models are small, and the same sums in the same order give the same files

STEPS = dict(rtol=1e-3, atol=1e-4)


class Unsettled(Exception):
    pass


def settled(make, *args, **kwargs):
    """What make gives, drawn again while it is unsettled."""
    for _ in range(20):
        try:
            return make(*args, **kwargs)
        except Unsettled as e:
            why = e
    raise why


class Case:
    """compute(module, inputs) gives what is expected, and may train the module."""

    def __init__(self, name, verb, model, config, module, inputs, compute, mode=None, rtol=2e-4, atol=2e-5):
        self.name, self.verb, self.model, self.config, self.mode = name, verb, model, config, mode
        self.rtol, self.atol = rtol, atol
        self.module, self.inputs, self.compute = module.train(mode != "eval"), inputs, compute
        self.weights = state(module)
        self.expected = self.outputs(copy.deepcopy(module), inputs)
        exact = self.outputs(copy.deepcopy(module).double(), {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()})
        for k, v in exact.items():
            off = ((self.expected[k] - v).abs() / (atol + rtol * v.abs())).max().item() if v.numel() else 0
            if not off <= 0.25:
                raise Unsettled(f"{name}: {k} is off by {off:.2f} tolerances in PyTorch's own float32")

    def outputs(self, module, inputs):
        """On a module like the case's."""
        return {k: v.detach() for k, v in self.compute(module, inputs).items()}

    def write(self, root):
        write(root, self.name, self.verb, self.model, self.config, self.weights, self.inputs, self.expected, self.mode, self.rtol, self.atol)
        return pathlib.Path(root) / self.name


def write(root, name, verb, model, config, weights, inputs, expected, mode=None, rtol=2e-4, atol=2e-5):
    folder = pathlib.Path(root) / name
    folder.mkdir(parents=True, exist_ok=True)
    case = dict(verb=verb, model=model, config=config, rtol=rtol, atol=atol, torch=torch.__version__)
    if mode:
        case["mode"] = mode
    (folder / "case.json").write_text(json.dumps(case, indent=1, sort_keys=True) + "\n")
    for file, tensors in ("weights", weights), ("inputs", inputs), ("expected", expected):
        save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, folder / f"{file}.safetensors")


def state(module):
    """A copy of the module's state_dict."""
    return {k: v.clone() for k, v in module.state_dict().items()}


def train(module, loss_of, adam, inputs, count=None, after=lambda: None):
    """Steps of a training: its losses, the first gradients, and the state_dict after the last. loss_of is given the i-th of each
    input or, with count, all of them so many times."""
    losses, out = [], {}
    for i in range(count or len(next(iter(inputs.values())))):
        adam.zero_grad()
        loss = loss_of(inputs if count else {k: v[i] for k, v in inputs.items()})
        loss.backward()
        if i == 0:
            out = {f"grad.{k}": p.grad.clone() for k, p in module.named_parameters() if p.grad is not None}
        adam.step()
        after()
        losses.append(loss.detach())
    return out | {"loss": torch.stack(losses)} | {f"param.{k}": v for k, v in state(module).items()}


def lively(model):
    """Statistics and scales of batch norms as a training leaves them, so that evaluation has something to do."""
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
            torch.nn.init.uniform_(layer.bias, -0.3, 0.3)
            torch.nn.init.uniform_(layer.running_mean, -0.3, 0.3)
            torch.nn.init.uniform_(layer.running_var, 0.5, 1.5)
    return model
