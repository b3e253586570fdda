"""A training step in each framework, from a function of the loss."""


def torch_step(case, adam, loss):
    """loss() is the graph's."""
    loss = case.compiled(loss)

    def step():
        adam.zero_grad()
        value = loss()
        value.backward()
        adam.step()
        return [value.item()]

    return step


def jax_step(case, optimiser, loss):
    """loss(weights, inputs), the optimiser one of optax's. Weights and state stay where they are, their memory is used again."""
    import jax
    import optax

    weights, inputs = case.jax("weights"), case.jax("inputs")

    def update(weights, state, inputs):
        value, gradients = jax.value_and_grad(loss)(weights, inputs)
        changes, state = optimiser.update(gradients, state, weights)
        return optax.apply_updates(weights, changes), state, value

    update = jax.jit(update, donate_argnums=(0, 1))
    now = [weights, optimiser.init(weights)]

    def step():
        *now[:], value = update(*now, inputs)
        return [float(value)]

    return step


def linear(w, name, x):
    """PyTorch's nn.Linear in JAX."""
    y = x @ w[name + ".weight"].T
    return y + w[name + ".bias"] if name + ".bias" in w else y


def layer_norm(w, name, x, eps=1e-5):
    import jax.numpy as jnp
    mean = x.mean(-1, keepdims=True)
    y = (x - mean) / jnp.sqrt(x.var(-1, keepdims=True) + eps) * w[name + ".weight"]
    return y + w[name + ".bias"] if name + ".bias" in w else y
