"""The article's RNN, and an LSTM layer."""
import train


def torch_side(case):
    import torch
    from torch import nn
    inputs = case.torch("inputs")
    if case.name == "rnn":
        from rnn import RNNModel
        model = RNNModel(case.input, case.hidden, case.output)
        labels = inputs["labels"].long().flatten()

        def loss():
            logits, _ = model(inputs["x"], inputs["hidden"])
            return nn.functional.cross_entropy(logits.flatten(0, 1), labels)
    else:
        model = nn.ModuleDict({"rnn": nn.LSTM(case.hidden, case.hidden, batch_first=True)})

        def loss():
            return model["rnn"](inputs["x"])[0].square().mean()
    model.load_state_dict(case.torch("weights"))
    return train.torch_step(case, model, torch.optim.Adam(model.parameters(), lr=1e-3), loss)


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax

    def project(w, x):
        """The part that needs no state, of all steps at once, time first."""
        return jnp.swapaxes(x @ w["rnn.weight_ih_l0"].T + w["rnn.bias_ih_l0"] + w["rnn.bias_hh_l0"], 0, 1)

    if case.name == "rnn":
        def loss(w, i):
            def cell(h, gx):
                h = jnp.tanh(gx + h @ w["rnn.weight_hh_l0"].T)
                return h, h
            _, y = jax.lax.scan(cell, i["hidden"][0], project(w, i["x"]))
            logits = train.linear(w, "fc", jnp.swapaxes(y, 0, 1))
            return optax.softmax_cross_entropy_with_integer_labels(logits, i["labels"]).mean()
    else:
        def loss(w, i):
            def cell(state, gx):
                h, c = state
                a, f, g, o = jnp.split(gx + h @ w["rnn.weight_hh_l0"].T, 4, -1)
                c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(a) * jnp.tanh(g)
                h = jax.nn.sigmoid(o) * jnp.tanh(c)
                return (h, c), h
            zero = jnp.zeros((case.batch, case.hidden))
            _, y = jax.lax.scan(cell, (zero, zero), project(w, i["x"]))
            return (y ** 2).mean()
    return train.jax_step(case, optax.adam(1e-3), loss)
