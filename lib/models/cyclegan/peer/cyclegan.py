"""CycleGAN in PyTorch: parity's cases. The pools' draws are given, as random.uniform(0, 1) and random.randint would have them."""
import itertools

import torch
from torch import nn
from torch.nn import functional as F


class ResnetBlock(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.conv_block = nn.Sequential(nn.ReflectionPad2d(1), nn.Conv2d(w, w, 3), nn.InstanceNorm2d(w), nn.ReLU(True),
                                        nn.ReflectionPad2d(1), nn.Conv2d(w, w, 3), nn.InstanceNorm2d(w))

    def forward(self, x):
        return x + self.conv_block(x)


class ResnetGenerator(nn.Module):
    def __init__(self, c):
        super().__init__()
        w = c["ngf"]
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(c["channels"], w, 7), nn.InstanceNorm2d(w), nn.ReLU(True)]
        for _ in range(2):
            layers += [nn.Conv2d(w, 2 * w, 3, stride=2, padding=1), nn.InstanceNorm2d(2 * w), nn.ReLU(True)]
            w *= 2
        layers += [ResnetBlock(w) for _ in range(c["n_blocks"])]
        for _ in range(2):
            layers += [nn.ConvTranspose2d(w, w // 2, 3, stride=2, padding=1, output_padding=1), nn.InstanceNorm2d(w // 2), nn.ReLU(True)]
            w //= 2
        self.model = nn.Sequential(*layers, nn.ReflectionPad2d(3), nn.Conv2d(w, c["channels"], 7), nn.Tanh())

    def forward(self, x):
        return self.model(x)


class NLayerDiscriminator(nn.Module):
    def __init__(self, c):
        super().__init__()
        w = c["ndf"]
        layers = [nn.Conv2d(c["channels"], w, 4, 2, 1), nn.LeakyReLU(0.2, True)]
        for i in range(1, c["n_layers"] + 1):
            out = c["ndf"] * min(2 ** i, 8)
            layers += [nn.Conv2d(w, out, 4, 1 if i == c["n_layers"] else 2, 1), nn.InstanceNorm2d(out), nn.LeakyReLU(0.2, True)]
            w = out
        self.model = nn.Sequential(*layers, nn.Conv2d(w, 1, 4, 1, 1))

    def forward(self, x):
        return self.model(x)


class CycleGAN(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.G_A, self.G_B, self.D_A, self.D_B = ResnetGenerator(c), ResnetGenerator(c), NLayerDiscriminator(c), NLayerDiscriminator(c)


class Pool:
    def __init__(self, size):
        self.size, self.kept = size, []

    def query(self, pictures, swap, place):
        if self.size == 0:
            return pictures
        given = []
        for picture, s, p in zip(pictures, swap, place):
            if len(self.kept) < self.size:
                self.kept.append(picture.clone())
            elif s > 0.5:
                at = int(p * self.size)
                picture, self.kept[at] = self.kept[at], picture.clone()
            given.append(picture)
        return torch.stack(given)


def near(x, to):
    return F.mse_loss(x, torch.full_like(x, to))


NAMES = ["loss_d_a", "loss_g_a", "loss_cycle_a", "loss_idt_a", "loss_d_b", "loss_g_b", "loss_cycle_b", "loss_idt_b"]


def iterate(net, optimisers, pools, c, a, b, draws):
    """One iteration of the authors' loop; it gives the losses."""
    adam_g, adam_d = optimisers
    fake_b, fake_a = net.G_A(a), net.G_B(b)
    rec_a, rec_b = net.G_B(fake_b), net.G_A(fake_a)
    for p in itertools.chain(net.D_A.parameters(), net.D_B.parameters()):
        p.requires_grad_(False)
    idt_a, idt_b = (F.l1_loss(net.G_A(b), b) * c["cycle"] * c["identity"], F.l1_loss(net.G_B(a), a) * c["cycle"] * c["identity"])
    g_a, g_b = near(net.D_A(fake_b), 1.0), near(net.D_B(fake_a), 1.0)
    cycle_a, cycle_b = F.l1_loss(rec_a, a) * c["cycle"], F.l1_loss(rec_b, b) * c["cycle"]
    adam_g.zero_grad()
    (g_a + g_b + cycle_a + cycle_b + idt_a + idt_b).backward()
    adam_g.step()
    for p in itertools.chain(net.D_A.parameters(), net.D_B.parameters()):
        p.requires_grad_(True)
    adam_d.zero_grad()
    shown_b = pools[0].query(fake_b.detach(), draws[0], draws[1])
    d_a = 0.5 * (near(net.D_A(b), 1.0) + near(net.D_A(shown_b), 0.0))
    d_a.backward()
    shown_a = pools[1].query(fake_a.detach(), draws[2], draws[3])
    d_b = 0.5 * (near(net.D_B(a), 1.0) + near(net.D_B(shown_a), 0.0))
    d_b.backward()
    adam_d.step()
    return d_a, g_a, cycle_a, idt_a, d_b, g_b, cycle_b, idt_b


def still(name):
    """A bias before an instance norm: its gradient is 0 but for rounding."""
    return name.endswith(".bias")


def steps(name, c, count, batch):
    import case

    def compute(net, inputs):
        g = torch.optim.Adam([*net.G_A.parameters(), *net.G_B.parameters()], lr=c["lr"], betas=c["betas"], eps=c["eps"])
        d = torch.optim.Adam([*net.D_A.parameters(), *net.D_B.parameters()], lr=c["lr"], betas=c["betas"], eps=c["eps"])
        schedules = []
        if c.get("steps", 0):
            half = c["steps"] // 2
            schedules = [torch.optim.lr_scheduler.LambdaLR(o, lambda i: min(1.0, (c["steps"] - i) / (c["steps"] - half))) for o in (g, d)]
        pools, rows, out = [Pool(c["pool"]), Pool(c["pool"])], [], {}
        for i in range(count):
            draws = inputs["draws"][i] if "draws" in inputs else [[0] * batch] * 4
            rows.append([x.detach() for x in iterate(net, (g, d), pools, c, inputs["real_A"][i], inputs["real_B"][i], draws)])
            if i == 0:
                out = {f"grad.{k}": p.grad.clone() for k, p in net.named_parameters() if not still(k)}
            for s in schedules:
                s.step()
        out |= {n: torch.stack(values) for n, values in zip(NAMES, zip(*rows))}
        return out | {f"param.{k}": v for k, v in case.state(net).items()}

    size = c["size"]
    inputs = dict(real_A=torch.rand(count, batch, c["channels"], size, size) * 2 - 1, real_B=torch.rand(count, batch, c["channels"], size, size) * 2 - 1)
    if c["pool"]:
        inputs["draws"] = torch.rand(count, 4, batch)
    return case.Case(name, "step", "cyclegan", c, CycleGAN(c), inputs, compute, rtol=2e-3, atol=2e-4)


def forward(name, model, make, c):
    import case

    def compute(net, inputs):
        x = inputs["input"].clone().requires_grad_()
        y = net(x)
        grads = torch.autograd.grad((y * inputs["cotangent.output"]).sum(), [x, *net.parameters()])
        return dict(output=y, **{"grad_in.input": grads[0]}) | {f"grad.{k}": g for (k, _), g in zip(net.named_parameters(), grads[1:]) if not still(k)}

    net = make(c)
    x = torch.rand(2, c["channels"], c["size"], c["size"]) * 2 - 1
    with torch.no_grad():
        inputs = {"input": x, "cotangent.output": torch.randn_like(net(x))}
    return case.Case(name, "forward", model, c, net, inputs, compute, "eval", rtol=1e-3, atol=1e-4)


SMALL = dict(size=16, channels=1, ngf=3, n_blocks=1, ndf=3, n_layers=2)
LOSS = dict(lr=1e-3, betas=[0.5, 0.999], eps=1e-4, cycle=10.0, identity=0.5)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    yield settled(forward, "cyclegan-generator", "cyclegan.generator", ResnetGenerator, SMALL | dict(channels=3))
    yield settled(forward, "cyclegan-discriminator", "cyclegan.discriminator", NLayerDiscriminator, SMALL | dict(channels=3))
    yield settled(steps, "cyclegan-steps", SMALL | LOSS | dict(pool=0, steps=4), 3, 2)
    yield settled(steps, "cyclegan-steps-pool", SMALL | LOSS | dict(pool=3), 4, 2)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    c = dict(size=4 * r.randint(4, 6), channels=r.choice([1, 3]), ngf=r.randint(2, 4), n_blocks=r.randint(0, 2), ndf=r.randint(2, 4), n_layers=r.randint(1, 2))
    yield settled(forward, "cyclegan-generator", "cyclegan.generator", ResnetGenerator, c)
    yield settled(forward, "cyclegan-discriminator", "cyclegan.discriminator", NLayerDiscriminator, c)
    yield settled(steps, "cyclegan-steps", c | LOSS | dict(pool=r.choice([0, 2, 4]), identity=r.choice([0.0, 0.5])), 3, 2)
