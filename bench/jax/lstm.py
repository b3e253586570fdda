"""The gradients of an LSTM 512 wide at batch 32 with respect to weights and input, in JAX: lax.scan, jitted: lstm.py [ROUNDS] [LENGTH ...].

The input projection of all steps is one product before the scan, as JAX's users write it. The loss is held against the sum that one
step of the same equations gives in NumPy. Prints a JSON line a length: the least and the middle time of a step, in seconds.
"""
import json
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

HIDDEN, BATCH = 512, 32


def lstm(params, x):
    """x: [batch, time, input], the result [batch, time, hidden]."""
    w_ih, w_hh, b = params
    gates = jnp.einsum("bti,gi->tbg", x, w_ih) + b

    def step(state, gx):
        h, c = state
        i, f, g, o = jnp.split(gx + h @ w_hh.T, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zero = jnp.zeros((x.shape[0], HIDDEN))
    return lax.scan(step, (zero, zero), gates)[1].swapaxes(0, 1)


def plain(params, x):
    """The same in NumPy, step by step."""
    w_ih, w_hh, b = (np.asarray(p) for p in params)
    sigmoid = lambda a: 1 / (1 + np.exp(-a))
    h = c = np.zeros((x.shape[0], HIDDEN), np.float32)
    total = 0.0
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ w_ih.T + h @ w_hh.T + b, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        total += float((h * h).sum())
    return total


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    rng = np.random.default_rng(1)
    uniform = lambda *shape: rng.uniform(-1, 1, shape).astype(np.float32) / np.float32(np.sqrt(HIDDEN))
    params = (uniform(4 * HIDDEN, HIDDEN), uniform(4 * HIDDEN, HIDDEN), uniform(4 * HIDDEN))
    step = jax.jit(jax.value_and_grad(lambda p, x: jnp.square(lstm(p, x)).sum(), argnums=(0, 1)))
    for length in [int(a) for a in sys.argv[2:]] or [128]:
        x = rng.standard_normal((BATCH, length, HIDDEN)).astype(np.float32)
        loss, _ = jax.block_until_ready(step(params, x))
        np.testing.assert_allclose(loss, plain(params, x), rtol=1e-3)
        times, cpu = [], []
        for _ in range(rounds):
            began, spent = time.perf_counter(), time.process_time()
            jax.block_until_ready(step(params, x))
            times.append(time.perf_counter() - began)
            cpu.append(time.process_time() - spent)
        print(json.dumps(dict(peer="jax", length=length, least=min(times), middle=sorted(times)[rounds // 2], cpu=min(cpu))), flush=True)


main()
