#!/usr/bin/env python3
"""The article's DCGAN and its cases. `dcgan.py FOLDER` makes the case of the article's own width, too large to keep, in FOLDER."""
import sys

import torch
from torch import nn

import case


class Generator(nn.Module):
    """The article's, for images of 64; 32 and 128 have a block less and a block more."""

    def __init__(self, nz=100, ngf=64, nc=3, image_size=64):
        super().__init__()
        width = ngf * image_size // 8
        layers = [nn.ConvTranspose2d(nz, width, 4, 1, 0, bias=False), nn.BatchNorm2d(width), nn.ReLU(True)]
        while width > ngf:
            layers += [nn.ConvTranspose2d(width, width // 2, 4, 2, 1, bias=False), nn.BatchNorm2d(width // 2), nn.ReLU(True)]
            width //= 2
        self.main = nn.Sequential(*layers, nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False), nn.Tanh())

    def forward(self, input):
        return self.main(input)


class Discriminator(nn.Module):
    def __init__(self, ndf=64, nc=3, image_size=64):
        super().__init__()
        layers, width = [nn.Conv2d(nc, ndf, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True)], ndf
        while width < ndf * image_size // 8:
            layers += [nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2, inplace=True)]
            width *= 2
        self.main = nn.Sequential(*layers, nn.Conv2d(width, 1, 4, 1, 0, bias=False), nn.Sigmoid())

    def forward(self, input):
        return self.main(input)


def lively(model):
    """Statistics and scales as a training leaves them, so that evaluation has something to do."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.3, 0.3)
            nn.init.uniform_(layer.running_mean, -0.3, 0.3)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
    return model


def train(generator, discriminator, real, noise, lr, betas):
    """The article's loop: what it prints, step by step."""
    criterion = nn.BCELoss()
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=lr, betas=betas)
    adam_g = torch.optim.Adam(generator.parameters(), lr=lr, betas=betas)
    record = {k: [] for k in ("loss_d", "loss_g", "d_x", "d_g_z1", "d_g_z2")}
    for x, z in zip(real, noise):
        ones, zeros = torch.ones(len(x)), torch.zeros(len(x))
        discriminator.zero_grad()
        output = discriminator(x).view(-1)
        err_real = criterion(output, ones)
        err_real.backward()
        d_x = output.mean()
        fake = generator(z)
        output = discriminator(fake.detach()).view(-1)
        err_fake = criterion(output, zeros)
        err_fake.backward()
        d_g_z1 = output.mean()
        adam_d.step()

        generator.zero_grad()
        output = discriminator(fake).view(-1)
        err_g = criterion(output, ones)
        err_g.backward()
        adam_g.step()
        for k, v in zip(record, (err_real + err_fake, err_g, d_x, d_g_z1, output.mean())):
            record[k].append(v.detach())
    return {k: torch.stack(v) for k, v in record.items()}


def both(generator, discriminator, prefix=""):
    parts = ("generator", generator), ("discriminator", discriminator)
    return {f"{prefix}{name}.{k}": v for name, part in parts for k, v in case.state(part).items()}


def steps(root, name, config, steps, batch):
    c = config | dict(lr=2e-4, betas=[0.5, 0.999])
    generator = Generator(c["nz"], c["ngf"], c["nc"], c["image_size"])
    discriminator = Discriminator(c["ndf"], c["nc"], c["image_size"])
    weights = both(generator, discriminator)
    real = torch.rand(steps, batch, c["nc"], c["image_size"], c["image_size"]) * 2 - 1
    noise = torch.randn(steps, batch, c["nz"], 1, 1)
    expected = train(generator, discriminator, real, noise, c["lr"], c["betas"])
    expected |= both(generator, discriminator, "param.")
    case.write(root, name, "step", "dcgan", c, weights, dict(real=real, noise=noise), expected, rtol=2e-3, atol=1e-4)


def make(root):
    steps(root, "dcgan-steps-32", dict(nz=8, ngf=4, ndf=4, nc=3, image_size=32), 5, 4)

    config = dict(nz=6, ngf=2, nc=1, image_size=128)
    model, z = lively(Generator(**config)).eval(), torch.randn(1, 6, 1, 1)
    case.write(root, "dcgan-generator-128", "forward", "dcgan.generator", config, case.state(model), dict(input=z),
               dict(output=model(z)), mode="eval")

    config = dict(ndf=2, nc=1, image_size=128)
    model, x = lively(Discriminator(**config)), torch.rand(2, 1, 128, 128) * 2 - 1
    weights = case.state(model)
    case.write(root, "dcgan-discriminator-128", "forward", "dcgan.discriminator", config, weights, dict(input=x),
               dict(output=model(x)), mode="train")


if __name__ == "__main__":
    torch.manual_seed(1)
    steps(sys.argv[1], "dcgan-steps-article", dict(nz=100, ngf=64, ndf=64, nc=3, image_size=64), 5, 8)
