"""The GAN of two perceptrons in PyTorch: parity's cases."""
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, size, out, hidden, layers, between):
        super().__init__()
        main = []
        for _ in range(layers):
            main += [nn.Linear(size, hidden), between]
            size = hidden
        self.main = nn.Sequential(*main, nn.Linear(size, out))

    def forward(self, x):
        return self.main(x)


def Generator(nz, dims, hidden, layers):
    return Net(nz, dims, hidden, layers, nn.ReLU())


def Discriminator(nz, dims, hidden, layers):
    return Net(dims, 1, hidden, layers, nn.LeakyReLU(0.2))


def penalty(d, real, fake, mix):
    """Gulrajani et al., equation 3."""
    between = (mix[:, None] * real + (1 - mix[:, None]) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(d(between).sum(), between, create_graph=True)
    return ((slope.norm(dim=1) - 1) ** 2).mean()


def train(g, d, inputs, lr, loss="", d_steps=1, weight=0.1):
    """What each iteration measures, and the first one's gradients."""
    adam_d = torch.optim.Adam(d.parameters(), lr=lr, betas=(0.5, 0.999))
    adam_g = torch.optim.Adam(g.parameters(), lr=lr, betas=(0.5, 0.999))
    bce = F.binary_cross_entropy_with_logits
    record, out = {k: [] for k in ("loss_d", "loss_g", "d_x", "d_g_z")}, {}
    for i, real in enumerate(inputs["real"]):
        for k in range(d_steps):
            fake = g(inputs["noise"][i, k])
            on_real, on_fake = d(real), d(fake.detach())
            if loss == "":
                loss_d = bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))
            elif loss == "hinge":
                loss_d = F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean()
            else:
                loss_d = on_fake.mean() - on_real.mean() + weight * penalty(d, real, fake.detach(), inputs["mix"][i, k])
            adam_d.zero_grad()
            loss_d.backward()
            if i == 0:
                out |= {f"grad.discriminator.{k}": p.grad.clone() for k, p in d.named_parameters()}
            adam_d.step()
        again = d(fake)
        loss_g = -again.mean() if loss else bce(again, torch.ones_like(again))
        adam_g.zero_grad()
        loss_g.backward()
        if i == 0:
            out |= {f"grad.generator.{k}": p.grad.clone() for k, p in g.named_parameters()}
        adam_g.step()
        score = (lambda x: x) if loss else torch.sigmoid
        for k, v in zip(record, (loss_d, loss_g, score(on_real).mean(), score(on_fake).mean())):
            record[k].append(v.detach())
    return out | {k: torch.stack(v) for k, v in record.items()}


def forward(name, model, config, batch, mode):
    from case import Case
    net = (Generator if model == "gan.generator" else Discriminator)(**config)
    inputs = dict(input=torch.randn(batch, net.main[0].in_features))
    return Case(name, "forward", model, config, net, inputs, lambda net, given: dict(output=net(given["input"])), mode)


def steps(name, sizes, count, batch, **options):
    import case
    models = nn.ModuleDict(dict(generator=Generator(**sizes), discriminator=Discriminator(**sizes)))
    given = {("weight" if k == "penalty" else k): v for k, v in options.items()}

    def compute(models, inputs):
        out = train(models["generator"], models["discriminator"], inputs, **given)
        return out | {f"param.{k}": v for k, v in case.state(models).items()}

    rounds = options.get("d_steps", 1)
    inputs = dict(real=torch.randn(count, batch, sizes["dims"]) + 2, noise=torch.randn(count, rounds, batch, sizes["nz"]))
    if options.get("loss") == "wgan-gp":
        inputs["mix"] = torch.rand(count, rounds, batch)
    return case.Case(name, "step", "gan", sizes | options, models, inputs, compute, rtol=2e-3, atol=1e-4)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    sizes = dict(nz=3, dims=2, hidden=5, layers=2)
    yield forward("gan-generator", "gan.generator", sizes, 4, "train")
    yield forward("gan-discriminator", "gan.discriminator", sizes, 4, "eval")
    yield settled(steps, "gan-steps", sizes, 5, 6, lr=1e-3)
    yield settled(steps, "gan-steps-hinge", sizes, 5, 6, lr=1e-3, loss="hinge", d_steps=2)
    yield settled(steps, "gan-steps-wgan-gp", sizes, 5, 6, lr=1e-3, loss="wgan-gp", d_steps=2)


def fresh(r):
    """Cases of random sizes."""
    from case import settled

    def sizes():
        return dict(nz=r.randint(1, 5), dims=r.randint(1, 5), hidden=r.randint(1, 30), layers=r.randint(1, 4))

    for part in "generator", "discriminator":
        yield forward(f"gan-{part}", f"gan.{part}", sizes(), r.randint(1, 9), r.choice(["train", "eval"]))
    loss = r.choice([{}, dict(loss="hinge"), dict(loss="wgan-gp"), dict(loss="wgan-gp", penalty=1.5)])
    yield settled(steps, "gan-steps", sizes(), r.randint(1, 5), r.randint(2, 9), lr=r.choice([1e-3, 3e-4]), d_steps=r.randint(1, 3), **loss)
