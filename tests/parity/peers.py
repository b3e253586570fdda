"""Finds the models' peers: the programs lib/models/NAME/peer/NAME.py, which have the same models in PyTorch and JAX."""
import importlib
import pathlib
import sys

ROOT = pathlib.Path(__file__).parents[2]
HERE = [ROOT / "tests/parity", ROOT / "bench/peers"]


def folders():
    return sorted(ROOT.glob("lib/models/*/peer")) + sorted(ROOT.glob("lib/nn/peer"))


def load(name):
    """The peer's module. A workload of no model has its own in bench/peers."""
    for folder in [*HERE, *folders()]:
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    return importlib.import_module(name)


def with_cases():
    """Those that make parity cases, each with its testdata's folder."""
    for folder in folders():
        for file in sorted(folder.glob("*.py")):
            module = load(file.stem)
            if hasattr(module, "fixed"):
                yield module, folder.parent / "testdata/parity"
