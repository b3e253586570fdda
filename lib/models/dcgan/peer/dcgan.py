#!/usr/bin/env python3
"""The article's DCGAN and its cases.

`dcgan.py options` makes those of genlab's options, beside its tests; `dcgan.py FOLDER` one of an eighth of the article's width, too
large to keep, in FOLDER. At the article's own width float32 settles nothing: Adam's first steps are the rate times the sign of the
gradient, which rounding decides for the smallest of a million gradients, and PyTorch itself is then several tolerances from its float64."""
import sys

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

import case
from case import Case, settled


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
        ones, zeros = x.new_ones(len(x)), x.new_zeros(len(x))
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


def generator(name, config, batch, mode):
    model, z = lively(Generator(**config)), torch.randn(batch, config["nz"], 1, 1)
    return Case(name, "forward", "dcgan.generator", config, model, dict(input=z), lambda model, given: dict(output=model(given["input"])), mode)


def discriminator(name, config, batch, mode):
    size = config.get("image_size", 64)
    model, x = lively(Discriminator(**config)), torch.rand(batch, config["nc"], size, size) * 2 - 1
    return Case(name, "forward", "dcgan.discriminator", config, model, dict(input=x), lambda model, given: dict(output=model(given["input"])), mode)


def steps(name, config, count, batch, lr=2e-4, betas=(0.5, 0.999)):
    c, size = config, config.get("image_size", 64)
    models = nn.ModuleDict(dict(generator=Generator(c["nz"], c["ngf"], c["nc"], size), discriminator=Discriminator(c["ndf"], c["nc"], size)))

    def compute(models, inputs):
        out = train(models["generator"], models["discriminator"], inputs["real"], inputs["noise"], lr, betas)
        return out | {f"param.{k}": v for k, v in case.state(models).items()}

    inputs = dict(real=torch.rand(count, batch, c["nc"], size, size) * 2 - 1, noise=torch.randn(count, batch, c["nz"], 1, 1))
    return Case(name, "step", "dcgan", c | dict(lr=lr, betas=list(betas)), models, inputs, compute, rtol=2e-3, atol=1e-4)


class Conditional(Generator):
    """The class, as a one-hot vector, beside the noise."""

    def __init__(self, classes, nz, ngf, nc, image_size):
        super().__init__(nz + classes, ngf, nc, image_size)
        self.classes = classes

    def forward(self, z, labels):
        return self.main(torch.cat([z, F.one_hot(labels, self.classes).float()[..., None, None]], 1))


class Critic(Discriminator):
    """The options of genlab's discriminator; it gives logits."""

    def __init__(self, ndf, nc, image_size, norm="", spectral=False, classes=0):
        super().__init__(ndf, nc, image_size)
        layers = []
        for layer in self.main:
            if isinstance(layer, nn.BatchNorm2d) and norm == "layer":
                layer = nn.GroupNorm(1, layer.num_features)
            if isinstance(layer, nn.BatchNorm2d) and norm == "none":
                continue
            if isinstance(layer, nn.Conv2d) and spectral:
                layer = spectral_norm(layer)
            layers.append(layer)
        self.main = nn.Sequential(*layers)
        if classes:
            self.embed = nn.Embedding(classes, layers[-2].in_channels)

    def forward(self, x, labels=None):
        features = self.main[:-2](x)
        logits = self.main[-2](features).view(-1)
        return logits if labels is None else logits + (self.embed(labels) * features.sum((2, 3))).sum(1)


def train_with(generator, discriminator, c, inputs):
    """The same loop with other losses, more steps of D, and classes."""
    loss, smooth, rounds = c.get("loss", ""), c.get("smooth", 0), c.get("d_steps", 1)
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=c["lr"], betas=c["betas"])
    adam_g = torch.optim.Adam(generator.parameters(), lr=c["lr"], betas=c["betas"])
    bce = F.binary_cross_entropy_with_logits
    record = {k: [] for k in ("loss_d", "loss_g", "d_x", "d_g_z1", "d_g_z2")}

    def score(logits):
        return (logits if loss else logits.sigmoid()).mean()

    for i in range(len(inputs["real"])):
        for part in zip(*(v[i].chunk(rounds) for v in inputs.values())):
            r = dict(zip(inputs, part))
            given = (r["labels"],) if "labels" in r else ()
            adam_d.zero_grad()
            fake = generator(r["noise"], *given)
            on_real, on_fake = discriminator(r["real"], *given), discriminator(fake.detach(), *given)
            if loss == "hinge":
                loss_d = F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean()
            elif loss == "wgan-gp":
                loss_d = on_fake.mean() - on_real.mean()
                mix = r["mix"].view(-1, 1, 1, 1)
                between = (mix * r["real"] + (1 - mix) * fake.detach()).requires_grad_()
                (slope,) = torch.autograd.grad(discriminator(between, *given).sum(), between, create_graph=True)
                loss_d = loss_d + c.get("penalty", 10) * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
            else:
                loss_d = bce(on_real, torch.full_like(on_real, 1 - smooth)) + bce(on_fake, torch.zeros_like(on_fake))
            loss_d.backward()
            adam_d.step()
        adam_g.zero_grad()
        again = discriminator(fake, *given)
        loss_g = -again.mean() if loss else bce(again, torch.ones_like(again))
        loss_g.backward()
        adam_g.step()
        for k, v in zip(record, (loss_d, loss_g, score(on_real), score(on_fake), score(again))):
            record[k].append(v.detach())
    return {k: torch.stack(v) for k, v in record.items()}


def option(root, name, steps=3, batch=3, **options):
    c = dict(nz=4, ngf=2, ndf=2, nc=1, image_size=32, lr=2e-3, betas=[0.5, 0.999]) | options
    classes, n = c.get("classes", 0), batch * c.get("d_steps", 1)
    shape = c["ngf"], c["nc"], c["image_size"]
    generator = Conditional(classes, c["nz"], *shape) if classes else Generator(c["nz"], *shape)
    discriminator = Critic(c["ndf"], c["nc"], c["image_size"], c.get("norm", ""), c.get("spectral_norm", False), classes)
    weights = both(generator, discriminator)
    inputs = dict(real=torch.rand(steps, n, c["nc"], c["image_size"], c["image_size"]) * 2 - 1, noise=torch.randn(steps, n, c["nz"], 1, 1))
    if classes:
        inputs["labels"] = torch.randint(classes, (steps, n))
    if c.get("loss") == "wgan-gp":
        inputs["mix"] = torch.rand(steps, n)
    expected = train_with(generator, discriminator, c, inputs) | both(generator, discriminator, "param.")
    case.write(root, f"dcgan-steps-{name}", "step", "dcgan", c, weights, inputs, expected, rtol=2e-3, atol=1e-4)


def make(root):
    for made in [
        settled(steps, "dcgan-steps-32", dict(nz=8, ngf=4, ndf=4, nc=3, image_size=32), 5, 4),
        generator("dcgan-generator", dict(nz=7, ngf=1, nc=2), 2, "train"),
        generator("dcgan-generator-128", dict(nz=6, ngf=2, nc=1, image_size=128), 1, "eval"),
        discriminator("dcgan-discriminator", dict(ndf=1, nc=2), 2, "eval"),
        discriminator("dcgan-discriminator-128", dict(ndf=2, nc=1, image_size=128), 2, "train"),
        settled(steps, "dcgan-steps-64", dict(nz=8, ngf=2, ndf=2, nc=1), 5, 2),
    ]:
        made.write(root)


def fresh(r):
    """Cases of random sizes."""
    for kind, width in (generator, "ngf"), (discriminator, "ndf"):
        for mode in "train", "eval":
            config = {width: r.randint(1, 9), "nc": r.randint(1, 4)} | (dict(nz=r.randint(1, 30)) if kind == generator else {})
            if r.random() < 0.25:
                config["image_size"] = r.choice([32, 128])
            yield settled(kind, f"dcgan-{kind.__name__}-{mode}", config, r.randint(1, 5), mode)
    config = dict(nz=r.randint(1, 20), ngf=r.randint(1, 6), ndf=r.randint(1, 6), nc=r.randint(1, 3))
    yield settled(steps, "dcgan-steps", config, r.randint(1, 4), r.randint(1, 5), r.choice([2e-4, 1e-3]), r.choice([(0.5, 0.999), (0.9, 0.99)]))


def options(root):
    option(root, "smooth", smooth=0.1)
    option(root, "hinge-spectral", loss="hinge", norm="none", spectral_norm=True)
    option(root, "wgan-gp", loss="wgan-gp", norm="layer", d_steps=2, steps=2)
    option(root, "conditional", classes=3)


if __name__ == "__main__":
    torch.manual_seed(1)
    if sys.argv[1] == "options":
        options(case.ROOT.parents[2] / "lib/models/dcgan/testdata")
        sys.exit()
    settled(steps, "dcgan-steps-wide", dict(nz=32, ngf=8, ndf=8, nc=3), 5, 8).write(sys.argv[1])
