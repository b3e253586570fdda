"""The article's VAE and its cases."""
import torch
from torch import nn
from torch.nn import functional as F

import case
from case import Case, settled


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


def loss_function(recon_x, x, mu, logvar):
    bce = F.binary_cross_entropy(recon_x, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return bce + kld


def forward(name, config, batch, mode):
    def compute(model, inputs):
        recon, mu, logvar = model(inputs["x"], inputs["eps"])
        return dict(recon_x=recon, mu=mu, logvar=logvar, loss=loss_function(recon, inputs["x"], mu, logvar))

    inputs = dict(x=torch.rand(batch, config["input_dim"]), eps=torch.randn(batch, config["latent_dim"]))
    return Case(name, "forward", "vae", config, VAE(**config), inputs, compute, mode)


def steps(name, config, count, batch):
    config = dict(config)
    lr = config.pop("lr")

    def compute(model, inputs):
        def loss(given):
            recon, mu, logvar = model(given["x"], given["eps"])
            return loss_function(recon, given["x"], mu, logvar)

        return case.train(model, loss, torch.optim.Adam(model.parameters(), lr=lr), inputs)

    inputs = dict(x=torch.rand(count, batch, config["input_dim"]), eps=torch.randn(count, batch, config["latent_dim"]))
    return Case(name, "step", "vae", config | dict(lr=lr), VAE(**config), inputs, compute, **case.STEPS)


def make(root):
    for made in [
        forward("vae-forward-small", dict(input_dim=30, hidden_dim=7, latent_dim=3), 5, "train"),
        forward("vae-forward-wide", dict(input_dim=784, hidden_dim=24, latent_dim=2), 3, "eval"),
        settled(steps, "vae-steps", dict(input_dim=196, hidden_dim=48, latent_dim=8, lr=1e-3), 10, 16),
    ]:
        made.write(root)


def fresh(r):
    """Cases of random sizes."""
    config = dict(input_dim=r.randint(1, 900), hidden_dim=r.randint(1, 70), latent_dim=r.randint(1, 30))
    yield forward("vae-forward", config, r.randint(1, 9), r.choice(["train", "eval"]))
    config = dict(input_dim=r.randint(1, 300), hidden_dim=r.randint(1, 50), latent_dim=r.randint(1, 20), lr=r.choice([1e-3, 3e-4, 1e-2]))
    yield settled(steps, "vae-steps", config, r.randint(1, 6), r.randint(1, 9))
