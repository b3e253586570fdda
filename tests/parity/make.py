#!/usr/bin/env python3
"""Makes the parity cases of the models' testdata with PyTorch: make.py [SEED] [MODEL ...]. Each model has its own in its peer
folder; what else its testdata has from PyTorch, further(testdata) writes."""
import sys

import torch

import peers

if __name__ == "__main__":
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for module, folder in peers.with_cases():
        if len(sys.argv) <= 2 or module.__name__ in sys.argv[2:]:
            torch.manual_seed(seed)
            for case in module.fixed():
                case.write(folder)
            if hasattr(module, "further"):
                module.further(folder.parent)
