"""The GPT's training step in JAX, jitted, for times and losses: gpt.py WEIGHTS BATCH HEADS [STEPS].

WEIGHTS is a model's safetensors file, as genlab's Save writes it, without biases. Each step is given the same made tokens; AdamW at 1e-3 with
decay 0.1 of matrices and gradients clipped to 1, parameters donated. Prints the first losses and the milliseconds of a step in JSON lines.
"""
import functools
import json
import math
import sys
import time

import jax
import jax.numpy as jnp
from safetensors.numpy import load_file


def norm(x, weight):
    x = x - x.mean(-1, keepdims=True)
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weight


def logits(w, x, heads, layers):
    b, t = x.shape
    table = w["transformer.wte.weight"]
    h = table[x] + w["transformer.wpe.weight"][:t]
    mask = jnp.tril(jnp.ones((t, t), bool))
    for i in range(layers):
        p = {k: w[f"transformer.h.{i}.{k}.weight"] for k in ("ln_1", "ln_2", "attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")}
        q, k, v = (y.reshape(b, t, heads, -1) for y in jnp.split(norm(h, p["ln_1"]) @ p["attn.c_attn"], 3, -1))
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(q.shape[-1])
        weights = jax.nn.softmax(jnp.where(mask, scores, -jnp.inf))
        h = h + jnp.einsum("bhqk,bkhd->bqhd", weights, v).reshape(b, t, -1) @ p["attn.c_proj"]
        h = h + jax.nn.gelu(norm(h, p["ln_2"]) @ p["mlp.c_fc"], approximate=True) @ p["mlp.c_proj"]
    return norm(h, w["transformer.ln_f.weight"]) @ table.T


def loss(w, x, y, heads, layers):
    out = jax.nn.log_softmax(logits(w, x, heads, layers))
    return -jnp.take_along_axis(out, y[..., None], -1).mean()


@functools.partial(jax.jit, static_argnums=(4, 5), donate_argnums=(0, 1))
def step(w, state, x, y, heads, layers):
    value, grads = jax.value_and_grad(loss)(w, x, y, heads, layers)
    length = jnp.sqrt(sum((g * g).sum() for g in grads.values()))
    scale = jnp.minimum(1, 1 / (length + 1e-6))
    n, m, v = state
    n = n + 1
    first, second = {}, {}
    for k, g in grads.items():
        g = g * scale
        first[k], second[k] = 0.9 * m[k] + 0.1 * g, 0.95 * v[k] + 0.05 * g * g
        move = first[k] / (1 - 0.9**n) / (jnp.sqrt(second[k] / (1 - 0.95**n)) + 1e-8)
        w[k] = w[k] * (1 - 1e-3 * 0.1 * (g.ndim > 1)) - 1e-3 * move
    return w, (n, first, second), value


def main():
    path, batch, heads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    steps = int(sys.argv[4]) if len(sys.argv) > 4 else 20
    w = {k: jnp.asarray(v) for k, v in load_file(path).items() if k != "lm_head.weight"}
    layers = sum(k.endswith("ln_1.weight") for k in w)
    length, vocab = w["transformer.wpe.weight"].shape[0], w["transformer.wte.weight"].shape[0]
    i, j = jnp.arange(batch)[:, None], jnp.arange(length + 1)
    tokens = (7 * i + 3 * j * j) % vocab
    x, y = tokens[:, :-1], tokens[:, 1:]
    state = (jnp.float32(0), {k: jnp.zeros_like(v) for k, v in w.items()}, {k: jnp.zeros_like(v) for k, v in w.items()})
    times, losses = [], []
    for _ in range(steps + 1):
        began = time.perf_counter()
        w, state, value = step(w, state, x, y, heads, layers)
        losses.append(float(value))
        times.append(time.perf_counter() - began)
    print(json.dumps(dict(mode="jax", first=round(1000 * times[0]), losses=[round(v, 5) for v in losses[:3] + losses[-1:]],
                          ms=round(1000 * sorted(times[1:])[steps // 2], 2), best=round(1000 * min(times[1:]), 2))))


if __name__ == "__main__":
    main()
