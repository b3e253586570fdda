"""GPT, a training step; its pass forward in JAX serves bench_generate too."""
import train


def torch_model(case):
    from gpt import GPT
    model = GPT(dict(vocab_size=case.vocab, n_positions=case.length, n_layer=case.layers, n_head=case.heads, n_kv_head=case.heads,
                     n_embd=case.embed, n_inner=4 * case.embed, bias=True, positions="learned", norm="layer", mlp="gelu",
                     layer_norm_epsilon=1e-5))
    model.load_state_dict(case.torch("weights"))
    return model


def torch_side(case):
    import torch
    from torch import nn
    from gpt import groups
    model, inputs = torch_model(case), case.torch("inputs")
    x, y = inputs["x"].long(), inputs["y"].long().flatten()
    adam = torch.optim.AdamW(groups(model, 0.1), lr=1e-3, betas=(0.9, 0.95))
    loss = case.compiled(lambda: nn.functional.cross_entropy(model(x).flatten(0, 1), y))

    def step():
        adam.zero_grad()
        value = loss()
        value.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        return [value.item()]

    return step


def conv1d(w, name, x):
    return x @ w[name + ".weight"] + w[name + ".bias"]


def block(case, w, n, x, attend):
    """x: [batch, length, embed]; attend(q, k, v), each [batch, length, heads, dim], mixes the values."""
    import jax
    import jax.numpy as jnp
    name = f"transformer.h.{n}."
    q, k, v = (t.reshape(*x.shape[:2], case.heads, -1) for t in jnp.split(conv1d(w, name + "attn.c_attn", train.layer_norm(w, name + "ln_1", x)), 3, -1))
    x = x + conv1d(w, name + "attn.c_proj", attend(q, k, v).reshape(x.shape))
    h = jax.nn.gelu(conv1d(w, name + "mlp.c_fc", train.layer_norm(w, name + "ln_2", x)), approximate=True)
    return x + conv1d(w, name + "mlp.c_proj", h)


def softmax_attention(q, k, v, mask):
    import jax
    import jax.numpy as jnp
    scores = jnp.where(mask, jnp.einsum("nqhd,nkhd->nhqk", q, k) / q.shape[-1] ** 0.5, -1e30)
    return jnp.einsum("nhqk,nkhd->nqhd", jax.nn.softmax(scores, -1), v)


def jax_side(case):
    import jax.numpy as jnp
    import optax

    def loss(w, i):
        length = i["x"].shape[1]
        x = w["transformer.wte.weight"][i["x"]] + w["transformer.wpe.weight"][:length]
        mask = jnp.tril(jnp.ones((length, length), bool))
        for n in range(case.layers):
            x = block(case, w, n, x, lambda q, k, v: softmax_attention(q, k, v, mask))
        logits = train.layer_norm(w, "transformer.ln_f", x) @ w["transformer.wte.weight"].T
        return optax.softmax_cross_entropy_with_integer_labels(logits, i["y"]).mean()

    def matrices(w):
        return {k: v.ndim >= 2 for k, v in w.items()}

    adam = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-3, b1=0.9, b2=0.95, weight_decay=0.1, mask=matrices))
    case_weights = case.jax
    case.jax = lambda file: {k: v for k, v in case_weights(file).items() if k != "lm_head.weight"}  # tied
    return train.jax_step(case, adam, loss)
