#!/usr/bin/env python3
"""Makes the parity cases with PyTorch: make.py [FOLDER] [SEED]. Each model has a file of its own here."""
import sys

import torch

import case
import classifier
import dcgan
import gan
import gpt
import rnn
import transformer
import vae

MODELS = [transformer, dcgan, vae, rnn, gpt, gan, classifier]

if __name__ == "__main__":
    root = sys.argv[1] if len(sys.argv) > 1 else case.ROOT
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for model in MODELS:
        torch.manual_seed(seed)
        model.make(root)
