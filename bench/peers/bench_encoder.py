"""The article's encoder, corrected, without dropout: a pass or a training step."""
import train


def torch_side(case):
    import torch
    from transformer import Encoder
    model = Encoder(case.embed, case.layers, case.heads, case.expansion, 0.0, case.length, "corrected")
    model.word_embedding = torch.nn.Embedding(case.vocab, case.embed)
    model.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")
    x, mask = inputs["x"].long(), inputs["mask"]

    def loss():
        return model(x, mask)[..., :case.embed // 2].square().mean()

    if case.name == "encoder-train":
        return train.torch_step(case, model, torch.optim.Adam(model.parameters(), lr=1e-4), loss)
    loss = case.compiled(loss)

    def step():
        with torch.no_grad():
            return [loss().item()]

    return step


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from train import layer_norm, linear
    dim = case.embed // case.heads

    def attend(w, name, x, mask):
        v, k, q = (linear(w, f"{name}.{part}", x.reshape(*x.shape[:2], case.heads, dim)) for part in ("values", "keys", "queries"))
        energy = jnp.where(mask == 0, -1e20, jnp.einsum("nqhd,nkhd->nhqk", q, k)) / case.embed ** 0.5
        return linear(w, name + ".fc_out", jnp.einsum("nhqk,nkhd->nqhd", jax.nn.softmax(energy, -1), v).reshape(x.shape))

    def loss(w, i):
        x = w["word_embedding.weight"][i["x"]] + w["position_embedding.weight"][:case.length]
        for n in range(case.layers):
            name = f"layers.{n}."
            x = layer_norm(w, name + "norm1", attend(w, name + "attention", x, i["mask"]) + x)
            y = linear(w, name + "feed_forward.2", jax.nn.relu(linear(w, name + "feed_forward.0", x)))
            x = layer_norm(w, name + "norm2", y + x)
        return (x[..., :case.embed // 2] ** 2).mean()

    if case.name == "encoder-train":
        return train.jax_step(case, optax.adam(1e-4), loss)
    weights, inputs, run = case.jax("weights"), case.jax("inputs"), jax.jit(loss)
    return lambda: [float(run(weights, inputs))]
