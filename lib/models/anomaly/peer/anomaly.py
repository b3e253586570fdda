"""The sensors' VAE in PyTorch and JAX: parity's cases and the bench's sides."""
import math

import torch
from torch import nn
from torch.nn import functional as F

LEAST_LOG_VARIANCE = -6


class SensorVAE(nn.Module):
    def __init__(self, sensors=8, window=60, net="dense", hidden=32, latent=2):
        super().__init__()
        self.net, self.window, self.sensors, self.hidden = net, window, sensors, hidden
        code = hidden
        if net == "dense":
            self.encoder = nn.Sequential(nn.Linear(window * sensors, hidden), nn.ReLU())
        elif net == "conv":
            self.encoder = nn.Sequential(nn.Conv1d(sensors, hidden, 4, 2, 1), nn.ReLU(), nn.Conv1d(hidden, hidden, 4, 2, 1), nn.ReLU())
            code = hidden * window // 4
        else:
            self.reader = nn.LSTM(sensors, hidden, batch_first=True)
        self.fc_mean, self.fc_logvar = nn.Linear(code, latent), nn.Linear(code, latent)
        self.fc_decode = nn.Linear(latent, code)
        if net == "dense":
            self.decoder = nn.Sequential(nn.ReLU(), nn.Linear(hidden, window * sensors))
        elif net == "conv":
            self.decoder = nn.Sequential(nn.ReLU(), nn.ConvTranspose1d(hidden, hidden, 4, 2, 1), nn.ReLU(), nn.ConvTranspose1d(hidden, sensors, 4, 2, 1))
        else:
            self.writer = nn.LSTM(hidden, hidden, batch_first=True)
            self.out = nn.Linear(hidden, sensors)
        self.noise = nn.Parameter(torch.zeros(sensors))

    def encode(self, x):
        if self.net == "dense":
            h = self.encoder(x.flatten(1))
        elif self.net == "conv":
            h = self.encoder(x.transpose(1, 2)).flatten(1)
        else:
            h = self.reader(x)[1][0][0]
        return self.fc_mean(h), self.fc_logvar(h)

    def decode(self, z):
        h = self.fc_decode(z)
        if self.net == "dense":
            return self.decoder(h).view(-1, self.window, self.sensors)
        if self.net == "conv":
            return self.decoder(h.view(-1, self.hidden, self.window // 4)).transpose(1, 2)
        return self.out(self.writer(h[:, None].expand(-1, self.window, -1))[0])

    def deviation(self):
        return torch.exp(0.5 * (F.softplus(self.noise - LEAST_LOG_VARIANCE) + LEAST_LOG_VARIANCE))


def score(model, inputs):
    from torch.distributions import Normal, kl_divergence
    mask, eps = (inputs["mask"] != 0).float(), inputs["eps"]
    x = torch.where(mask > 0, inputs["x"], torch.zeros(()))
    mu, logvar = model.encode(x)
    q = Normal(mu, torch.exp(0.5 * logvar))
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    z = mu + eps * q.stddev
    mean = torch.stack([model.decode(one) for one in z])
    density = Normal(mean, model.deviation()).log_prob(x) * mask
    likelihood = density.sum((2, 3))
    kl = kl_divergence(q, prior).sum(-1)
    weights = likelihood + (prior.log_prob(z) - q.log_prob(z)).sum(-1)
    return dict(mu=mu, logvar=logvar, log_likelihood=likelihood, kl=kl, elbo=likelihood.mean(0) - kl,
                iwae=torch.logsumexp(weights, 0) - math.log(len(z)), mean=mean.mean(0),
                energy=Normal(x, model.deviation()).log_prob(x) * mask - density.mean(0), reconstruction_log_probability=likelihood.mean(0))


def losses(model, x, mask, eps):
    x = torch.where(mask > 0, x, torch.zeros(()))
    mu, logvar = model.encode(x)
    mean = model.decode(mu + eps * torch.exp(0.5 * logvar))
    nll = F.gaussian_nll_loss(mean, x, (model.deviation() ** 2).expand_as(x), full=True, eps=0, reduction="none") * mask
    kl = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp())
    return nll.sum() / len(x), kl.sum() / len(x)


def windows(config, *before):
    shape = (*before, config["window"], config["sensors"])
    return dict(x=torch.randn(shape), mask=(torch.rand(shape) < 0.8).float())


def scores(name, config, batch, samples, mode="eval"):
    from case import Case
    inputs = windows(config, batch) | dict(eps=torch.randn(samples, batch, config["latent"]))
    return Case(name, "forward", "anomaly", config, SensorVAE(**config), inputs, score, mode)


def steps(name, config, count, batch):
    import case
    config = dict(config)
    given = dict(lr=config.pop("lr"), eps=1e-4)

    def compute(model, inputs):
        seen = []

        def loss(batch):
            nll, kl = losses(model, batch["x"], batch["mask"], batch["eps"])
            seen.append((nll.detach(), kl.detach()))
            return nll + kl

        made = case.train(model, loss, torch.optim.Adam(model.parameters(), **given), inputs)
        return made | dict(nll=torch.stack([n for n, _ in seen]), kl=torch.stack([k for _, k in seen]))

    inputs = windows(config, count, batch) | dict(eps=torch.randn(count, batch, config["latent"]))
    return case.Case(name, "step", "anomaly", config | given, SensorVAE(**config), inputs, compute, **case.STEPS)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    for net in ("dense", "conv", "lstm"):
        config = dict(sensors=3, window=8, net=net, hidden=6, latent=2)
        yield scores(f"anomaly-{net}", config, 3, 4)
        yield settled(steps, f"anomaly-{net}-steps", config | dict(lr=1e-3), 3, 4)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    net = r.choice(["dense", "conv", "lstm"])
    config = dict(sensors=r.randint(1, 9), window=4 * r.randint(1, 5), net=net, hidden=r.randint(1, 12), latent=r.randint(1, 5))
    yield scores("anomaly", config, r.randint(1, 5), r.randint(1, 6))
    yield settled(steps, "anomaly-steps", config | dict(lr=r.choice([1e-3, 3e-4])), r.randint(1, 4), r.randint(1, 6))


def torch_side(case):
    import sides
    model = SensorVAE(case.sensors, case.window, "dense", case.hidden, case.latent)
    model.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")

    def loss():
        return sum(losses(model, inputs["x"], inputs["mask"], inputs["eps"]))

    return sides.torch_step(case, torch.optim.Adam(model.parameters(), lr=2e-3), loss)


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from sides import jax_step, linear

    def loss(w, i):
        x = jnp.where(i["mask"] > 0, i["x"], 0)
        h = jax.nn.relu(linear(w, "encoder.0", x.reshape(len(x), -1)))
        mu, logvar = linear(w, "fc_mean", h), linear(w, "fc_logvar", h)
        h = jax.nn.relu(linear(w, "fc_decode", mu + i["eps"] * jnp.exp(0.5 * logvar)))
        mean = linear(w, "decoder.1", h).reshape(x.shape)
        v = jax.nn.softplus(w["noise"] - LEAST_LOG_VARIANCE) + LEAST_LOG_VARIANCE
        nll = 0.5 * (v + (x - mean) ** 2 * jnp.exp(-v) + math.log(2 * math.pi)) * i["mask"]
        return (nll.sum() - 0.5 * (1 + logvar - mu**2 - jnp.exp(logvar)).sum()) / len(x)

    return jax_step(case, optax.adam(2e-3), loss)
