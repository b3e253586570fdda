"""The article's DCGAN, an iteration."""


def torch_side(case):
    import torch
    from torch import nn
    from dcgan import Discriminator, Generator
    weights, inputs = case.torch("weights"), case.torch("inputs")
    g, d = Generator(case.nz, case.ngf, case.nc, case.size), Discriminator(case.ndf, case.nc, case.size)
    for prefix, model in ("generator.", g), ("discriminator.", d):
        model.load_state_dict({k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)})
        model.to(memory_format=torch.channels_last)
    real = inputs["real"].permute(0, 3, 1, 2)  # channels last in memory
    noise = inputs["noise"][:, :, None, None]
    criterion = nn.BCELoss()
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999))
    ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
    generate, judge = case.compiled(g), case.compiled(d)

    def step():
        d.zero_grad()
        err_real = criterion(judge(real).view(-1), ones)
        err_real.backward()
        fake = generate(noise)
        err_fake = criterion(judge(fake.detach()).view(-1), zeros)
        err_fake.backward()
        adam_d.step()
        g.zero_grad()
        err_g = criterion(judge(fake).view(-1), ones)
        err_g.backward()
        adam_g.step()
        return [(err_real + err_fake).item(), err_g.item()]

    return step


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    weights, inputs = case.jax("weights"), case.jax("inputs")

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
        *now[:], loss_d, loss_g = update(*now, inputs["real"], inputs["noise"])
        return [float(loss_d), float(loss_g)]

    return step
