"""What the machine can do at most: a matrix product and a copy."""


def torch_side(case):
    import torch
    if case.mode == "compile":
        raise NotImplementedError("nothing to compile")
    inputs = case.torch("inputs")
    if case.name == "matmul":
        return lambda: [(inputs["a"] @ inputs["b"]).mean().item()]
    x = torch.zeros(case.n)

    def step():
        x.add_(inputs["a"])
        return [x[0].item()]

    return step


def jax_side(case):
    import jax
    import jax.numpy as jnp
    inputs = case.jax("inputs")
    if case.name == "matmul":
        run = jax.jit(lambda a, b: (a @ b).mean())
        return lambda: [float(run(inputs["a"], inputs["b"]))]
    run = jax.jit(lambda x, a: (x + a, (x[0] + a[0])), donate_argnums=0)
    now = [jnp.zeros(case.n)]

    def step():
        now[0], value = run(now[0], inputs["a"])
        return [float(value)]

    return step
