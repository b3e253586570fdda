"""The GAN of two perceptrons, and its cases."""
import torch
from torch import nn

from case import Case


class Net(nn.Module):
    def __init__(self, size, out, hidden, layers, between):
        super().__init__()
        main = []
        for _ in range(layers):
            main += [nn.Linear(size, hidden), between]
            size = hidden
        self.main = nn.Sequential(*main, nn.Linear(size, out))

    def forward(self, x):
        return self.main(x)


def forward(name, model, config, batch, mode):
    sizes = config["hidden"], config["layers"]
    if model == "gan.generator":
        net = Net(config["nz"], config["dims"], *sizes, nn.ReLU())
    else:
        net = Net(config["dims"], 1, *sizes, nn.LeakyReLU(0.2))
    inputs = dict(input=torch.randn(batch, net.main[0].in_features))
    return Case(name, "forward", model, config, net, inputs, lambda net, given: dict(output=net(given["input"])), mode)


def make(root):
    config = dict(nz=3, dims=2, hidden=5, layers=2)
    forward("gan-generator", "gan.generator", config, 4, "train").write(root)
    forward("gan-discriminator", "gan.discriminator", config, 4, "eval").write(root)


def fresh(r):
    """Cases of random sizes."""
    for part in "generator", "discriminator":
        config = dict(nz=r.randint(1, 5), dims=r.randint(1, 5), hidden=r.randint(1, 30), layers=r.randint(1, 4))
        yield forward(f"gan-{part}", f"gan.{part}", config, r.randint(1, 9), r.choice(["train", "eval"]))
