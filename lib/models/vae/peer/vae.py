"""The article's VAE in PyTorch and JAX: parity's cases, the bench's sides, and a training to compare figures with.

vae.py MNIST_FOLDER [EPOCHS] [SEED] trains it in PyTorch eager and prints a JSON line an epoch. MNIST_FOLDER holds the four gzipped IDX
files. All 60,000 images come in a fresh order, the last partial batch dropped, as in genlab's run; batches are taken from one tensor in
memory, PyTorch's fastest way.
"""
import gzip
import json
import pathlib
import sys
import time

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

    def encode(self, x):
        h = F.relu(self.fc1(x))
        return self.fc2_mean(h), self.fc2_logvar(h)

    def decode(self, z):
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z))))

    def forward(self, x, eps):
        mu, logvar = self.encode(x)
        return self.decode(mu + eps * torch.exp(0.5 * logvar)), mu, logvar


class ConvVAE(nn.Module):
    def __init__(self, channels=1, size=28, widths=(32, 64), latent_dim=20):
        super().__init__()
        all = [channels, *widths]
        self.small = (widths[-1], size >> len(widths), size >> len(widths))
        flat = self.small[0] * self.small[1] * self.small[2]
        down = [layer for i, o in zip(all, all[1:]) for layer in (nn.Conv2d(i, o, 4, 2, 1), nn.ReLU())]
        up = [layer for i, o in zip(all[:0:-1], all[-2::-1]) for layer in (nn.ConvTranspose2d(i, o, 4, 2, 1), nn.ReLU())]
        self.encoder = nn.Sequential(*down)
        self.fc_mean, self.fc_logvar = nn.Linear(flat, latent_dim), nn.Linear(flat, latent_dim)
        self.fc_decode = nn.Linear(latent_dim, flat)
        self.decoder = nn.Sequential(*up[:-1])

    def encode(self, x):
        h = self.encoder(x).flatten(1)
        return self.fc_mean(h), self.fc_logvar(h)

    def decode(self, z):
        return torch.sigmoid(self.decoder(F.relu(self.fc_decode(z)).view(-1, *self.small)))

    def forward(self, x, eps):
        mu, logvar = self.encode(x)
        return self.decode(mu + eps * torch.exp(0.5 * logvar)), mu, logvar


CLASSES = {"vae": VAE, "vae.conv": ConvVAE}


def shape(config):
    return (config["input_dim"],) if "input_dim" in config else (config["channels"], config["size"], config["size"])


def score(model, inputs):
    """What vae.score and vae.conv.score give, by torch.distributions."""
    from torch.distributions import Bernoulli, Normal, kl_divergence
    x, eps = inputs["x"], inputs["eps"]
    mu, logvar = model.encode(x)
    q = Normal(mu, torch.exp(0.5 * logvar))
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    z = mu + eps * q.stddev
    mean = torch.stack([model.decode(one) for one in z])
    likelihood = Bernoulli(probs=mean, validate_args=False).log_prob(x).flatten(2).sum(-1)
    kl = kl_divergence(q, prior).sum(-1)
    weights = likelihood + (prior.log_prob(z) - q.log_prob(z)).sum(-1)
    return dict(mu=mu, logvar=logvar, log_likelihood=likelihood, kl=kl, elbo=likelihood.mean(0) - kl,
                iwae=torch.logsumexp(weights, 0) - torch.log(torch.tensor(float(len(z)))),
                reconstruction_log_probability=likelihood.mean(0), reconstruction_error=(x - mean.mean(0)).square().flatten(1).mean(-1))


def scores(name, model, config, batch, samples):
    from case import Case
    inputs = dict(x=torch.rand(batch, *shape(config)), eps=torch.randn(samples, batch, config["latent_dim"]))
    return Case(name, "forward", model + ".score", config, CLASSES[model](**config), inputs, score, "eval")


def loss_function(recon_x, x, mu, logvar):
    bce = F.binary_cross_entropy(recon_x, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld


def forward(name, config, batch, mode, of="vae"):
    from case import Case

    def compute(model, inputs):
        recon, mu, logvar = model(inputs["x"], inputs["eps"])
        return dict(recon_x=recon, mu=mu, logvar=logvar, loss=loss_function(recon, inputs["x"], mu, logvar))

    inputs = dict(x=torch.rand(batch, *shape(config)), eps=torch.randn(batch, config["latent_dim"]))
    return Case(name, "forward", of, config, CLASSES[of](**config), inputs, compute, mode)


def steps(name, config, count, batch, of="vae"):
    import case
    config = dict(config)
    lr, eps = config.pop("lr"), config.pop("eps", 1e-8)
    given = dict(lr=lr) if of == "vae" else dict(lr=lr, eps=eps)

    def compute(model, inputs):
        def loss(given):
            recon, mu, logvar = model(given["x"], given["eps"])
            return loss_function(recon, given["x"], mu, logvar)

        return case.train(model, loss, torch.optim.Adam(model.parameters(), lr=lr, eps=eps), inputs)

    inputs = dict(x=torch.rand(count, batch, *shape(config)), eps=torch.randn(count, batch, config["latent_dim"]))
    return case.Case(name, "step", of, config | given, CLASSES[of](**config), inputs, compute, **case.STEPS)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    yield forward("vae-forward-small", dict(input_dim=30, hidden_dim=7, latent_dim=3), 5, "train")
    yield forward("vae-forward-wide", dict(input_dim=784, hidden_dim=24, latent_dim=2), 3, "eval")
    yield settled(steps, "vae-steps", dict(input_dim=196, hidden_dim=48, latent_dim=8, lr=1e-3), 10, 16)
    conv = dict(channels=2, size=8, widths=[4, 6], latent_dim=3)
    yield forward("vae-conv", conv, 3, "train", "vae.conv")
    yield settled(steps, "vae-conv-steps", conv | dict(lr=1e-3, eps=1e-4), 3, 2, "vae.conv")
    yield scores("vae-score", "vae", dict(input_dim=20, hidden_dim=12, latent_dim=4), 5, 6)
    yield scores("vae-conv-score", "vae.conv", conv, 3, 4)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    config = dict(input_dim=r.randint(1, 900), hidden_dim=r.randint(1, 70), latent_dim=r.randint(1, 30))
    yield forward("vae-forward", config, r.randint(1, 9), r.choice(["train", "eval"]))
    config = dict(input_dim=r.randint(1, 300), hidden_dim=r.randint(1, 50), latent_dim=r.randint(1, 20), lr=r.choice([1e-3, 3e-4, 1e-2]))
    yield settled(steps, "vae-steps", config, r.randint(1, 6), r.randint(1, 9))
    conv = dict(channels=r.randint(1, 3), size=r.choice([4, 8, 12]), widths=[r.randint(1, 6) for _ in range(r.randint(1, 2))], latent_dim=r.randint(1, 5))
    yield forward("vae-conv", conv, r.randint(1, 4), r.choice(["train", "eval"]), "vae.conv")
    yield settled(steps, "vae-conv-steps", conv | dict(lr=1e-3, eps=1e-4), r.randint(1, 4), r.randint(1, 4), "vae.conv")
    yield scores("vae-score", "vae", dict(input_dim=r.randint(1, 60), hidden_dim=r.randint(1, 20), latent_dim=r.randint(1, 6)), r.randint(1, 5), r.randint(1, 8))
    yield scores("vae-conv-score", "vae.conv", conv, r.randint(1, 3), r.randint(1, 5))


def torch_side(case):
    import sides
    model = VAE(case.input, case.hidden, case.latent)
    model.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")
    x, eps = inputs["x"], inputs["eps"]

    def loss():
        recon, mu, logvar = model(x, eps)
        return loss_function(recon, x, mu, logvar)

    return sides.torch_step(case, torch.optim.Adam(model.parameters(), lr=1e-3), loss)


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from sides import jax_step, linear

    def loss(w, i):
        h = jax.nn.relu(linear(w, "fc1", i["x"]))
        mu, logvar = linear(w, "fc2_mean", h), linear(w, "fc2_logvar", h)
        logits = linear(w, "fc4", jax.nn.relu(linear(w, "fc3", mu + i["eps"] * jnp.exp(0.5 * logvar))))
        bce = optax.sigmoid_binary_cross_entropy(logits, i["x"]).sum()
        return bce - 0.5 * (1 + logvar - mu ** 2 - jnp.exp(logvar)).sum()

    return jax_step(case, optax.adam(1e-3), loss)


def images(path):
    return torch.frombuffer(bytearray(gzip.open(path).read()[16:]), dtype=torch.uint8).reshape(-1, 784).float() / 255


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
            loss = loss_function(*model_output(model, x))
            loss.backward()
            adam.step()
            loss.item()
        seconds = time.perf_counter() - began
        with torch.no_grad():
            nats = loss_function(*model_output(model, test)).item() / len(test)
        print(json.dumps(dict(epoch=epoch, seconds=round(seconds, 3), validation_loss=round(nats, 3))), flush=True)


def model_output(model, x):
    """What the loss takes, with noise drawn."""
    recon, mu, logvar = model(x, torch.randn(len(x), model.fc2_mean.out_features))
    return recon, x, mu, logvar


if __name__ == "__main__":
    main()
