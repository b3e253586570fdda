"""Trains the article's VAE, small, in PyTorch for notebook 10: make.py MNIST_FOLDER (the four gzipped IDX files).

Writes beside itself vae.pt, the state_dict as torch.save leaves it, and outputs.safetensors: sixteen digits, what the model makes of
them, and its loss on all the test digits. Run by PyTorch 2.9.1 (python/peers.txt).
"""
import gzip
import pathlib
import sys

import numpy
import torch
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests/parity"))
import vae  # noqa: E402  the class, as the parity cases have it


def images(path):
    return torch.tensor(numpy.frombuffer(gzip.open(path).read(), numpy.uint8, offset=16).reshape(-1, 784)).float() / 255


def main():
    folder = pathlib.Path(sys.argv[1])
    train, test = images(folder / "train-images-idx3-ubyte.gz"), images(folder / "t10k-images-idx3-ubyte.gz")
    torch.manual_seed(1)
    model = vae.VAE(784, 32, 4)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(3):
        order = torch.randperm(len(train))
        for i in range(len(train) // 128):
            x = train[order[i * 128 : (i + 1) * 128]]
            adam.zero_grad()
            loss = vae.loss_function(*swap(model(x, torch.randn(len(x), 4)), x))
            loss.backward()
            adam.step()
        with torch.no_grad():
            loss = vae.loss_function(*swap(model(test, torch.randn(len(test), 4)), test)) / len(test)
        print(f"epoch {epoch + 1}: {loss:.2f} nats a test digit")
    torch.save(model.state_dict(), HERE / "vae.pt")
    x = test[:16]
    with torch.no_grad():
        mu, logvar = model.encode(x)
        save_file(dict(x=x, mu=mu, logvar=logvar, rebuilt=model.decode(mu), test_loss=loss), HERE / "outputs.safetensors")


def swap(outputs, x):
    recon, mu, logvar = outputs
    return recon, x, mu, logvar


main()
