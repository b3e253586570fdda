"""The article's VAE and its cases."""
import torch
from torch import nn
from torch.nn import functional as F

import case


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


def make(root):
    for name, config, batch in [
        ("vae-forward-small", dict(input_dim=30, hidden_dim=7, latent_dim=3), 5),
        ("vae-forward-wide", dict(input_dim=784, hidden_dim=24, latent_dim=2), 3),
    ]:
        model = VAE(**config)
        x, eps = torch.rand(batch, config["input_dim"]), torch.randn(batch, config["latent_dim"])
        recon, mu, logvar = model(x, eps)
        expected = dict(recon_x=recon, mu=mu, logvar=logvar, loss=loss_function(recon, x, mu, logvar))
        case.write(root, name, "forward", "vae", config, case.state(model), dict(x=x, eps=eps), expected, mode="train")

    config, steps, batch = dict(input_dim=196, hidden_dim=48, latent_dim=8, lr=1e-3), 10, 16
    model = VAE(196, 48, 8)
    weights = case.state(model)
    adam = torch.optim.Adam(model.parameters(), lr=config["lr"])
    x, eps = torch.rand(steps, batch, 196), torch.randn(steps, batch, 8)
    losses, expected = [], {}
    for i in range(steps):
        adam.zero_grad()
        recon, mu, logvar = model(x[i], eps[i])
        loss = loss_function(recon, x[i], mu, logvar)
        loss.backward()
        if i == 0:
            expected = {f"grad.{k}": p.grad.clone() for k, p in model.named_parameters()}
        adam.step()
        losses.append(loss.detach())
    expected |= {"loss": torch.stack(losses)} | {f"param.{k}": v for k, v in model.state_dict().items()}
    case.write(root, "vae-steps", "step", "vae", config, weights, dict(x=x, eps=eps), expected, rtol=1e-3, atol=1e-4)
