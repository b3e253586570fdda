"""The article's RNN in PyTorch and JAX: parity's cases and the bench's sides."""
import torch
from torch import nn


class RNNModel(nn.Module):
    def __init__(self, input_size=10, hidden_size=20, output_size=10):
        super().__init__()
        self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x, hidden):
        out, hidden = self.rnn(x, hidden)
        return self.fc(out), hidden


def loss_function(model, given):
    out, _ = model(given["x"], given["hidden"])
    return nn.functional.cross_entropy(out.flatten(0, 1), given["labels"].flatten())


def forward(name, config, batch, length, mode):
    from case import Case

    def compute(model, inputs):
        out, last = model(inputs["x"], inputs["hidden"])
        return dict(output=out, hidden=last)

    inputs = dict(x=torch.randn(batch, length, config["input_size"]), hidden=torch.randn(1, batch, config["hidden_size"]))
    return Case(name, "forward", "rnn", config, RNNModel(**config), inputs, compute, mode)


def steps(name, sizes, rule, batch, length):
    import case

    def compute(model, inputs):
        adam = torch.optim.Adam(model.parameters(), lr=rule["lr"])
        return case.train(model, lambda given: loss_function(model, given), adam, inputs, count=rule["steps"])

    inputs = dict(x=torch.randn(batch, length, sizes["input_size"]), hidden=torch.randn(1, batch, sizes["hidden_size"]),
                  labels=torch.randint(sizes["output_size"], (batch, length)))
    return case.Case(name, "step", "rnn", sizes | rule, RNNModel(**sizes), inputs, compute, rtol=1e-3, atol=1e-5)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    article = dict(input_size=10, hidden_size=20, output_size=10)
    yield forward("rnn-forward", article, 5, 15, "train")
    yield forward("rnn-forward-long", dict(input_size=4, hidden_size=7, output_size=3), 2, 40, "eval")
    yield settled(steps, "rnn-steps", article, dict(lr=1e-3, steps=10), 5, 15)
    yield settled(steps, "rnn-steps-long", article, dict(lr=1e-3, steps=10), 5, 60)


def fresh(r):
    """Cases of random sizes."""
    from case import settled

    def sizes():
        return dict(input_size=r.randint(1, 20), hidden_size=r.randint(1, 40), output_size=r.randint(2, 20))

    yield forward("rnn-forward", sizes(), r.randint(1, 7), r.choice([1, 2, r.randint(3, 80)]), r.choice(["train", "eval"]))
    yield settled(steps, "rnn-steps", sizes(), dict(lr=r.choice([1e-3, 1e-2]), steps=r.randint(1, 15)), r.randint(1, 7), r.choice([1, r.randint(2, 40)]))


def torch_side(case):
    import sides
    model = RNNModel(case.input, case.hidden, case.output)
    model.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")
    inputs["labels"] = inputs["labels"].long()
    return sides.torch_step(case, torch.optim.Adam(model.parameters(), lr=1e-3), lambda: loss_function(model, inputs))


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from sides import jax_step, linear

    def loss(w, i):
        def cell(h, gx):
            h = jnp.tanh(gx + h @ w["rnn.weight_hh_l0"].T)
            return h, h

        # The part that needs no state, of all steps at once, time first.
        inputs = jnp.swapaxes(i["x"] @ w["rnn.weight_ih_l0"].T + w["rnn.bias_ih_l0"] + w["rnn.bias_hh_l0"], 0, 1)
        _, y = jax.lax.scan(cell, i["hidden"][0], inputs)
        logits = linear(w, "fc", jnp.swapaxes(y, 0, 1))
        return optax.softmax_cross_entropy_with_integer_labels(logits, i["labels"]).mean()

    return jax_step(case, optax.adam(1e-3), loss)
