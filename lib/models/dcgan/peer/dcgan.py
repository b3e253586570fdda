"""The article's DCGAN in PyTorch and JAX: parity's cases, the bench's sides, and a training to compare figures with.

dcgan.py MNIST_FOLDER OUT [EPOCHS] [SEED] [NGF] [NDF] [SIZE] [INIT] [RATE] trains it on MNIST in PyTorch eager. MNIST_FOLDER holds the
four gzipped IDX files. As genlab's run has it: digits made larger by the triangle filter, values in [-1, 1], batches of 64 in a fresh
order, the last partial one dropped; INIT "dcgan" is the paper's N(0, 0.02), else PyTorch's own. Prints the article's line every 50 batches
and a JSON line an epoch; OUT gets epoch-N.safetensors with `images`, 2000 samples [2000, SIZE, SIZE, 1] in [0, 1], which
`genlab measure digits` reads.
"""
import copy
import gzip
import json
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

BATCH = 64


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


def iteration(g, d, lr, betas, generate=None, judge=None):
    """The article's loop body: what it prints of a batch of pictures and its noise."""
    generate, judge, criterion = generate or g, judge or d, nn.BCELoss()
    adam_d = torch.optim.Adam(d.parameters(), lr=lr, betas=betas)
    adam_g = torch.optim.Adam(g.parameters(), lr=lr, betas=betas)

    def step(real, noise):
        ones, zeros = real.new_ones(len(real)), real.new_zeros(len(real))
        d.zero_grad()
        on_real = judge(real).view(-1)
        err_real = criterion(on_real, ones)
        err_real.backward()
        fake = generate(noise)
        on_fake = judge(fake.detach()).view(-1)
        err_fake = criterion(on_fake, zeros)
        err_fake.backward()
        adam_d.step()

        g.zero_grad()
        again = judge(fake).view(-1)
        err_g = criterion(again, ones)
        err_g.backward()
        adam_g.step()
        return err_real + err_fake, err_g, on_real.mean(), on_fake.mean(), again.mean()

    return step


MEASURED = "loss_d", "loss_g", "d_x", "d_g_z1", "d_g_z2"


def generator(name, config, batch, mode):
    from case import Case, lively
    model, z = lively(Generator(**config)), torch.randn(batch, config["nz"], 1, 1)
    return Case(name, "forward", "dcgan.generator", config, model, dict(input=z), lambda model, given: dict(output=model(given["input"])), mode)


def discriminator(name, config, batch, mode):
    from case import Case, lively
    size = config.get("image_size", 64)
    model, x = lively(Discriminator(**config)), torch.rand(batch, config["nc"], size, size) * 2 - 1
    return Case(name, "forward", "dcgan.discriminator", config, model, dict(input=x), lambda model, given: dict(output=model(given["input"])), mode)


def steps(name, config, count, batch, lr=2e-4, betas=(0.5, 0.999)):
    """The article's own."""
    import case
    c, size = config, config.get("image_size", 64)
    models = nn.ModuleDict(dict(generator=Generator(c["nz"], c["ngf"], c["nc"], size), discriminator=Discriminator(c["ndf"], c["nc"], size)))

    def compute(models, inputs):
        step = iteration(models["generator"], models["discriminator"], lr, betas)
        record = [[v.detach() for v in step(*given)] for given in zip(inputs["real"], inputs["noise"])]
        return {k: torch.stack(v) for k, v in zip(MEASURED, zip(*record))} | {f"param.{k}": v for k, v in case.state(models).items()}

    inputs = dict(real=torch.rand(count, batch, c["nc"], size, size) * 2 - 1, noise=torch.randn(count, batch, c["nz"], 1, 1))
    return case.Case(name, "step", "dcgan", c | dict(lr=lr, betas=list(betas)), models, inputs, compute, rtol=2e-3, atol=1e-4)


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


def train_with(generator, discriminator, mean, c, inputs):
    """The same loop with other losses, more steps of D, classes, and a running mean of the generator."""
    loss, smooth, rounds = c.get("loss", ""), c.get("smooth", 0), c.get("d_steps", 1)
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=c["lr"], betas=c["betas"])
    adam_g = torch.optim.Adam(generator.parameters(), lr=c["lr"], betas=c["betas"])
    bce = F.binary_cross_entropy_with_logits
    record, out = {k: [] for k in MEASURED}, {}

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
            if i == 0:
                out |= {f"grad.discriminator.{k}": p.grad.clone() for k, p in discriminator.named_parameters()}
            adam_d.step()
        adam_g.zero_grad()
        again = discriminator(fake, *given)
        loss_g = -again.mean() if loss else bce(again, torch.ones_like(again))
        loss_g.backward()
        if i == 0:
            out |= {f"grad.generator.{k}": p.grad.clone() for k, p in generator.named_parameters()}
        adam_g.step()
        if mean:
            average(mean, generator, min(c["ema"], (i + 2) / (i + 11)))
        for k, v in zip(record, (loss_d, loss_g, score(on_real), score(on_fake), score(again))):
            record[k].append(v.detach())
    return out | {k: torch.stack(v) for k, v in record.items()}


@torch.no_grad()
def average(mean, of, keep):
    """What is not a parameter is copied."""
    moved = {k for k, _ in of.named_parameters()}
    for (k, old), new in zip(mean.state_dict().items(), of.state_dict().values()):
        old.copy_(keep * old + (1 - keep) * new if k in moved else new)


def option(name, steps=3, batch=3, **options):
    import case
    c = dict(nz=4, ngf=2, ndf=2, nc=1, image_size=32, lr=2e-3, betas=[0.5, 0.999]) | options
    classes, n = c.get("classes", 0), batch * c.get("d_steps", 1)
    shape = c["ngf"], c["nc"], c["image_size"]
    models = nn.ModuleDict(dict(
        generator=Conditional(classes, c["nz"], *shape) if classes else Generator(c["nz"], *shape),
        discriminator=Critic(c["ndf"], c["nc"], c["image_size"], c.get("norm", ""), c.get("spectral_norm", False), classes)))
    if "ema" in c:
        models["mean"] = copy.deepcopy(models["generator"])

    def compute(models, inputs):
        mean = models["mean"] if "ema" in c else None
        out = train_with(models["generator"], models["discriminator"], mean, c, inputs)
        return out | {f"param.{k}": v for k, v in case.state(models).items()}

    inputs = dict(real=torch.rand(steps, n, c["nc"], c["image_size"], c["image_size"]) * 2 - 1, noise=torch.randn(steps, n, c["nz"], 1, 1))
    if classes:
        inputs["labels"] = torch.randint(classes, (steps, n))
    if c.get("loss") == "wgan-gp":
        inputs["mix"] = torch.rand(steps, n)
    return case.Case(f"dcgan-steps-{name}", "step", "dcgan", c, models, inputs, compute, rtol=2e-3, atol=1e-4)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    yield settled(steps, "dcgan-steps-32", dict(nz=8, ngf=4, ndf=4, nc=3, image_size=32), 5, 4)
    yield generator("dcgan-generator", dict(nz=7, ngf=1, nc=2), 2, "train")
    yield generator("dcgan-generator-128", dict(nz=6, ngf=2, nc=1, image_size=128), 1, "eval")
    yield discriminator("dcgan-discriminator", dict(ndf=1, nc=2), 2, "eval")
    yield discriminator("dcgan-discriminator-128", dict(ndf=2, nc=1, image_size=128), 2, "train")
    yield settled(steps, "dcgan-steps-64", dict(nz=8, ngf=2, ndf=2, nc=1), 5, 2)
    yield settled(option, "smooth", smooth=0.1)
    yield settled(option, "hinge-spectral", loss="hinge", norm="none", spectral_norm=True)
    yield settled(option, "wgan-gp", loss="wgan-gp", norm="layer", d_steps=2, steps=2)
    yield settled(option, "conditional", classes=3)
    yield settled(option, "ema", ema=0.9)


def fresh(r):
    """Cases of random sizes. At the article's own width float32 settles nothing: Adam's first steps are the rate times the sign of the
    gradient, which rounding decides for the smallest of a million gradients, and PyTorch itself is then several tolerances from its
    float64."""
    from case import settled
    for kind, width in (generator, "ngf"), (discriminator, "ndf"):
        for mode in "train", "eval":
            config = {width: r.randint(1, 9), "nc": r.randint(1, 4)} | (dict(nz=r.randint(1, 30)) if kind == generator else {})
            if r.random() < 0.25:
                config["image_size"] = r.choice([32, 128])
            yield settled(kind, f"dcgan-{kind.__name__}-{mode}", config, r.randint(1, 5), mode)
    config = dict(nz=r.randint(1, 20), ngf=r.randint(1, 6), ndf=r.randint(1, 6), nc=r.randint(1, 3))
    yield settled(steps, "dcgan-steps", config, r.randint(1, 4), r.randint(1, 5), r.choice([2e-4, 1e-3]), r.choice([(0.5, 0.999), (0.9, 0.99)]))
    options = r.choice([dict(smooth=0.1), dict(loss="hinge", norm="none", spectral_norm=True), dict(loss="wgan-gp", norm="layer", d_steps=2, penalty=r.choice([1, 10])),
                        dict(classes=r.randint(2, 5), norm=r.choice(["", "layer"])), dict(ema=r.choice([0.3, 0.9]))])
    yield settled(option, "option", steps=r.randint(1, 3), batch=r.randint(2, 4), nz=r.randint(1, 9), **options)


def torch_side(case):
    weights, inputs = case.torch("weights"), case.torch("inputs")
    g, d = Generator(case.nz, case.ngf, case.nc, case.size), Discriminator(case.ndf, case.nc, case.size)
    for prefix, model in ("generator.", g), ("discriminator.", d):
        model.load_state_dict({k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)})
        model.to(memory_format=torch.channels_last)
    real = inputs["real"].contiguous(memory_format=torch.channels_last)
    step = iteration(g, d, 2e-4, (0.5, 0.999), case.compiled(g), case.compiled(d))

    def timed():
        loss_d, loss_g, *_ = step(real, inputs["noise"])
        return [loss_d.item(), loss_g.item()]

    return timed


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    weights, inputs = case.jax("weights"), case.jax("inputs")
    real, noise = inputs["real"].transpose(0, 2, 3, 1), inputs["noise"].reshape(len(inputs["noise"]), -1)

    def take(prefix):
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        # kernels once in the layout that XLA computes in
        return {k: v.transpose(2, 3, 1, 0) if v.ndim == 4 else v for k, v in own.items() if "running" not in k and "num_batches" not in k}

    g, d = take("generator."), take("discriminator.")

    def norm(w, i, x):
        mean, var = x.mean((0, 1, 2)), x.var((0, 1, 2))
        return (x - mean) * jax.lax.rsqrt(var + 1e-5) * w[f"main.{i}.weight"] + w[f"main.{i}.bias"]

    def generate(w, z):
        x, kernels = z[:, None, None, :], sorted((int(k.split(".")[1]) for k, v in w.items() if v.ndim == 4))
        for n, i in enumerate(kernels):
            k = w[f"main.{i}.weight"]  # [kh, kw, out, in], of a transposed convolution
            pad = (3, 3) if n == 0 else (2, 2)
            x = jax.lax.conv_general_dilated(x, jnp.flip(k, (0, 1)), (1, 1), [pad, pad], lhs_dilation=(1, 1) if n == 0 else (2, 2),
                                             dimension_numbers=("NHWC", "HWOI", "NHWC"))
            x = jnp.tanh(x) if i == kernels[-1] else jax.nn.relu(norm(w, i + 1, x))
        return x

    def judge(w, x):
        kernels = sorted((int(k.split(".")[1]) for k, v in w.items() if v.ndim == 4))
        for n, i in enumerate(kernels):
            stride, pad = (1, 0) if i == kernels[-1] else (2, 1)
            x = jax.lax.conv_general_dilated(x, w[f"main.{i}.weight"], (stride, stride), [(pad, pad)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))
            if i != kernels[-1]:
                x = jax.nn.leaky_relu(x if n == 0 else norm(w, i + 1, x), 0.2)
        return x.reshape(-1)

    def bce(logits, label):
        return optax.sigmoid_binary_cross_entropy(logits, jnp.full_like(logits, label)).mean()

    adam = optax.adam(2e-4, b1=0.5, b2=0.999)

    def update(g, d, gs, ds, real, noise):
        fake = generate(g, noise)
        loss_d, grads = jax.value_and_grad(lambda d: bce(judge(d, real), 1) + bce(judge(d, jax.lax.stop_gradient(fake)), 0))(d)
        changes, ds = adam.update(grads, ds)
        d = optax.apply_updates(d, changes)
        loss_g, grads = jax.value_and_grad(lambda g: bce(judge(d, generate(g, noise)), 1))(g)
        changes, gs = adam.update(grads, gs)
        return optax.apply_updates(g, changes), d, gs, ds, loss_d, loss_g

    update = jax.jit(update, donate_argnums=(0, 1, 2, 3))
    now = [g, d, adam.init(g), adam.init(d)]

    def step():
        *now[:], loss_d, loss_g = update(*now, real, noise)
        return [float(loss_d), float(loss_g)]

    return step


def digits(path, size):
    import numpy
    raw = numpy.frombuffer(gzip.open(path).read(), numpy.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.tensor(raw), lambda x: F.interpolate(x.float() / 255, size=(size, size), mode="bilinear", align_corners=False) * 2 - 1


def paper_init(layer):
    if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(layer.weight, 0, 0.02)
    elif isinstance(layer, nn.BatchNorm2d):
        nn.init.normal_(layer.weight, 1, 0.02)


def main():
    from safetensors.torch import save_file
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    epochs, seed, ngf, ndf, size = (int(sys.argv[i]) if len(sys.argv) > i else v for i, v in ((3, 5), (4, 1), (5, 16), (6, 16), (7, 64)))
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    raw, prepare = digits(folder / "train-images-idx3-ubyte.gz", size)
    generator, discriminator = Generator(100, ngf, 1, size), Discriminator(ndf, 1, size)
    if sys.argv[8:9] == ["dcgan"]:
        generator.apply(paper_init)
        discriminator.apply(paper_init)
    step = iteration(generator, discriminator, float(sys.argv[9]) if len(sys.argv) > 9 else 2e-4, (0.5, 0.999))
    batches = len(raw) // BATCH
    for epoch in range(epochs):
        began = time.perf_counter()
        order = torch.randperm(len(raw))
        for i in range(batches):
            real = prepare(raw[order[i * BATCH : (i + 1) * BATCH]])
            loss_d, loss_g, d_x, *d_g_z = (v.item() for v in step(real, torch.randn(BATCH, 100, 1, 1)))
            if i % 50 == 0:
                print(f"[{epoch}/{epochs}][{i}/{batches}] Loss_D: {loss_d:.4f} Loss_G: {loss_g:.4f} "
                      f"D(x): {d_x:.4f} D(G(z)): {d_g_z[0]:.4f} / {d_g_z[1]:.4f}", flush=True)
        seconds = time.perf_counter() - began
        generator.eval()
        with torch.no_grad():
            samples = torch.cat([generator(torch.randn(500, 100, 1, 1)) for _ in range(4)])
        generator.train()
        save_file({"images": ((samples + 1) / 2).permute(0, 2, 3, 1).contiguous()}, out / f"epoch-{epoch + 1}.safetensors")
        print(json.dumps(dict(epoch=epoch + 1, seconds=round(seconds, 1))), flush=True)


if __name__ == "__main__":
    main()
