"""PyTorch's or JAX's side of a workload: worker.py FOLDER eager|compile|jax STEPS [--once].

FOLDER holds what genlab's side wrote: case.json, weights and inputs. Prints a JSON line when ready, with the first step's seconds and
what the first STEPS steps gave; then each line of standard input asks for n steps and is answered by a line with their seconds.
bench/serve.go speaks the same. With --once it ends after the first line.

A workload's module has `torch_side(case)` and `jax_side(case)`: they return the step, a function that does the work once and returns
the numbers to compare. One that a framework doesn't have is left out.

It computes where genlab's side does, which GOMLX_BACKEND says, and on a GPU in float32 as that does: without TF32.
"""
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests/parity"))
import peers

DEVICE = "cuda" if os.environ.get("GOMLX_BACKEND", "").startswith("xla:cuda") else "cpu"


class Case:
    def __init__(self, folder, mode):
        described = json.loads((folder / "case.json").read_text())
        self.name, self.peer, self.sizes = described["name"], described["peer"], described["sizes"]
        self.folder, self.mode = folder, mode

    def __getattr__(self, name):
        """A size by its name."""
        try:
            return self.sizes[name]
        except KeyError:
            raise AttributeError(name) from None

    def torch(self, file):
        from safetensors.torch import load_file
        return load_file(self.folder / f"{file}.safetensors", device=DEVICE)

    def jax(self, file):
        import jax.numpy as jnp
        from safetensors.numpy import load_file
        return {k: jnp.asarray(v) for k, v in load_file(self.folder / f"{file}.safetensors").items()}

    def compiled(self, function):
        """The function, compiled when that is the mode."""
        if self.mode == "eager":
            return function
        import torch
        return torch.compile(function)


def memory():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    return 0


def main():
    folder, mode, steps = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    case = Case(folder, mode)
    module = peers.load(case.peer)
    if mode == "jax":
        import jax
        version = "jax " + jax.__version__
        jax.config.update("jax_platforms", DEVICE)
        if DEVICE == "cuda":
            jax.config.update("jax_default_matmul_precision", "highest")
        step = module.jax_side(case)
    else:
        import torch
        version = "torch " + torch.__version__
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        torch.backends.cudnn.allow_tf32 = False
        with torch.device(DEVICE):  # for the making alone: it slows each operation
            step = module.torch_side(case)
    outputs, first = [], None
    for _ in range(steps):
        began = time.perf_counter()
        outputs.append(step())
        first = first or time.perf_counter() - began
    print(json.dumps(dict(first_seconds=first, outputs=outputs, version=version)), flush=True)
    if "--once" in sys.argv:
        return
    for line in sys.stdin:
        began = time.perf_counter()
        for _ in range(int(line)):
            step()
        print(json.dumps(dict(seconds=time.perf_counter() - began, memory=memory())), flush=True)


main()
