#!/usr/bin/env python3
"""Compares a genlab command with the PyTorch of this machine: live.py GENLAB [--seed N] [--rounds N] [--backends xla:cpu,go] [--keep FOLDER].

Each round draws cases of random sizes for every model; the seed, printed, draws the same again. Of each case genlab's outputs are
compared with PyTorch's on each backend. Then the weights go from PyTorch through genlab's model and back: PyTorch must load them with
strict=True, and give the very outputs that it gave before.
"""
import argparse
import copy
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import warnings

try:
    import safetensors.torch
    import torch
except ImportError as e:
    sys.exit(f"parity: {e}. This compares with PyTorch: `make peers` installs it into .cache/peers, as python/peers.txt pins it")

import peers


def differ(case, got):
    """'' where got holds everything that PyTorch gives, within the case's tolerance."""
    for name, want in case.expected.items():
        if name not in got:
            return f"{name} is missing"
        have = got[name]
        if have.shape != want.shape or have.dtype != want.dtype:
            return f"{name} is {have.dtype} {list(have.shape)}, PyTorch's {want.dtype} {list(want.shape)}"
        off = (have.double() - want.double()).abs() / (case.atol + case.rtol * want.double().abs())
        if not (off <= 1).all():
            return f"{name}: {off.nan_to_num(torch.inf).max():.2f} times the tolerance"
    return ""


def genlab(command, backend, *args):
    p = subprocess.run([command, *args], capture_output=True, text=True, timeout=600, env=os.environ | dict(GOMLX_BACKEND=backend))
    return p.stderr.strip() or f"exit {p.returncode}" if p.returncode else ""


def outputs(case, folder, command, backend):
    out = folder / "out.safetensors"
    config = json.dumps(case.config)
    args = [case.verb, "--model", case.model, "--config", config, "--weights", folder / "weights.safetensors",
            "--inputs", folder / "inputs.safetensors", "--out", out]
    if case.mode:
        args += ["--mode", case.mode]
    return genlab(command, backend, *args) or differ(case, safetensors.torch.load_file(out))


def back(case, folder, command, backend):
    """The round trip PyTorch, genlab, PyTorch."""
    if case.verb != "forward":
        return ""
    there = folder / "back.safetensors"
    why = genlab(command, backend, "convert", folder / "weights.safetensors", there, "--model", case.model, "--config", json.dumps(case.config))
    if why:
        return why
    module = copy.deepcopy(case.module)
    for p in module.parameters():
        torch.nn.init.constant_(p, torch.nan)
    module.load_state_dict(safetensors.torch.load_file(there), strict=True)
    torch.manual_seed(1)
    again = case.outputs(module, case.inputs)
    torch.manual_seed(1)
    before = case.outputs(copy.deepcopy(case.module), case.inputs)
    return "".join(f"after the round trip {k} differs" for k in before if not torch.equal(before[k], again[k]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("genlab")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 31))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--backends", default="xla:cpu,go")
    parser.add_argument("--keep", help="the folder that failed cases are moved to")
    args = parser.parse_args()
    print(f"parity: PyTorch {torch.__version__}, seed {args.seed} (again: make parity SEED={args.seed})", flush=True)
    warnings.filterwarnings("ignore", message="enable_nested_tensor")
    torch.manual_seed(args.seed)
    r = random.Random(args.seed)
    passed = failed = 0
    for i in range(args.rounds):
        for model, _ in peers.with_cases():
            for case in getattr(model, "fresh", lambda _: [])(r):
                with tempfile.TemporaryDirectory() as tmp:
                    folder = case.write(tmp)
                    why = [f"{b}: {w}" for b in args.backends.split(",") for f in (outputs, back) if (w := f(case, folder, args.genlab, b))]
                    if why and args.keep:
                        to = pathlib.Path(args.keep) / f"{case.name}-{args.seed}-{i}"
                        shutil.copytree(folder, to, dirs_exist_ok=True)
                failed += bool(why)
                passed += not why
                sizes = {k: list(v.shape) for k, v in case.inputs.items()}
                print(f"{'FAIL' if why else 'ok  '} {case.name} {case.mode or ''} {json.dumps(case.config)} {sizes}{''.join(chr(10) + '     ' + w for w in why)}", flush=True)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
