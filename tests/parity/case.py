"""Writes parity cases: a folder each with case.json, weights, inputs and expected outputs as safetensors."""
import json
import pathlib

import torch
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).parent / "cases"


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
