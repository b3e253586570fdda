"""The article's VAE, a training step."""
import train


def torch_side(case):
    import torch
    from vae import VAE, loss_function
    model = VAE(case.input, case.hidden, case.latent)
    model.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")
    x, eps = inputs["x"], inputs["eps"]

    def loss():
        recon, mu, logvar = model(x, eps)
        return loss_function(recon, x, mu, logvar)

    return train.torch_step(case, model, torch.optim.Adam(model.parameters(), lr=1e-3), loss)


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from train import linear

    def loss(w, i):
        h = jax.nn.relu(linear(w, "fc1", i["x"]))
        mu, logvar = linear(w, "fc2_mean", h), linear(w, "fc2_logvar", h)
        logits = linear(w, "fc4", jax.nn.relu(linear(w, "fc3", mu + i["eps"] * jnp.exp(0.5 * logvar))))
        bce = optax.sigmoid_binary_cross_entropy(logits, i["x"]).sum()
        return bce - 0.5 * (1 + logvar - mu ** 2 - jnp.exp(logvar)).sum()

    return train.jax_step(case, optax.adam(1e-3), loss)
