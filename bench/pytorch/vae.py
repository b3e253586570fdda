"""The article's VAE in PyTorch eager, for epoch times and nats: vae.py MNIST_FOLDER [EPOCHS] [SEED].

MNIST_FOLDER holds the four gzipped IDX files. Prints a JSON line an epoch. Data: all 60,000 images in a fresh order, the last
partial batch dropped, as genlab's run has it; batches are taken from one tensor in memory, PyTorch's fastest way.
"""
import gzip
import json
import pathlib
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self, input_dim=784, hidden_dim=400, latent_dim=20):
        super().__init__()
        self.fc1 = nn.Linear(input_dim, hidden_dim)
        self.fc2_mean = nn.Linear(hidden_dim, latent_dim)
        self.fc2_logvar = nn.Linear(hidden_dim, latent_dim)
        self.fc3 = nn.Linear(latent_dim, hidden_dim)
        self.fc4 = nn.Linear(hidden_dim, input_dim)

    def forward(self, x):
        h = F.relu(self.fc1(x))
        mu, logvar = self.fc2_mean(h), self.fc2_logvar(h)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    bce = F.binary_cross_entropy(recon_x, x, reduction="sum")
    return bce - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


def images(path):
    return torch.tensor(numpy.frombuffer(gzip.open(path).read(), numpy.uint8, offset=16).reshape(-1, 784)).float() / 255


def main():
    folder = pathlib.Path(sys.argv[1])
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    torch.manual_seed(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    train, test = images(folder / "train-images-idx3-ubyte.gz"), images(folder / "t10k-images-idx3-ubyte.gz")
    model = VAE()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, epochs + 1):
        began = time.perf_counter()
        order = torch.randperm(len(train))
        for i in range(len(train) // 128):
            x = train[order[i * 128 : (i + 1) * 128]]
            adam.zero_grad()
            recon, mu, logvar = model(x)
            loss = loss_function(recon, x, mu, logvar)
            loss.backward()
            adam.step()
            loss.item()
        seconds = time.perf_counter() - began
        with torch.no_grad():
            recon, mu, logvar = model(test)
            nats = loss_function(recon, test, mu, logvar).item() / len(test)
        print(json.dumps(dict(epoch=epoch, seconds=round(seconds, 3), test_loss=round(nats, 3))), flush=True)


main()
