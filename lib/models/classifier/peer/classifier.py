"""The classifier of pictures whose features measure other models, in PyTorch: parity's cases."""
import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, size, channels, width, features, classes, dropout=0.3):
        super().__init__()
        layers = []
        for i, stride in enumerate((1, 2, 2)):
            layers += [nn.Conv2d(channels, width << i, 3, stride, 1, bias=False), nn.BatchNorm2d(width << i), nn.ReLU()]
            channels = width << i
        self.conv = nn.Sequential(*layers)
        self.feature = nn.Linear(channels * (size // 4) ** 2, features)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(features, classes)

    def forward(self, x):
        h = self.conv(x).permute(0, 2, 3, 1).flatten(1)  # as genlab has pictures, channels last
        features = self.feature(h).relu()
        return features, self.out(self.drop(features))


def forward(name, config, batch, mode):
    from case import Case, lively

    def compute(net, given):
        features, logits = net(given["x"])
        return dict(features=features) | (dict(logits=logits) if mode == "eval" else {})  # dropout draws others here

    inputs = dict(x=torch.rand(batch, config["channels"], config["size"], config["size"]))
    return Case(name, "forward", "classifier", config, lively(Net(**config)), inputs, compute, mode)


def steps(name, sizes, count, batch, lr, steps):
    """The first of a training's steps, without dropout, which draws others here."""
    import case
    config = sizes | dict(dropout=0.0)

    def compute(net, inputs):
        adam = torch.optim.Adam(net.parameters(), lr=lr)
        schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda done: max(0, 1 - (done + 1) / (steps + 1)))
        return case.train(net, lambda given: F.cross_entropy(net(given["x"])[1], given["labels"]), adam, inputs, after=schedule.step)

    inputs = dict(x=torch.rand(count, batch, sizes["channels"], sizes["size"], sizes["size"]), labels=torch.randint(sizes["classes"], (count, batch)))
    return case.Case(name, "step", "classifier", config | dict(lr=lr, steps=steps), Net(**config), inputs, compute, **case.STEPS)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    yield forward("classifier-train", dict(size=8, channels=1, width=2, features=5, classes=3), 3, "train")
    yield forward("classifier-eval", dict(size=12, channels=3, width=1, features=4, classes=2), 2, "eval")
    yield settled(steps, "classifier-steps", dict(size=8, channels=2, width=2, features=5, classes=3), 5, 6, lr=2e-3, steps=5)


def fresh(r):
    """Cases of random sizes."""
    from case import settled

    def sizes():
        return dict(size=4 * r.randint(1, 7), channels=r.randint(1, 3), width=r.randint(1, 6), features=r.randint(1, 20), classes=r.randint(2, 10))

    yield settled(forward, "classifier", sizes(), r.randint(2, 5), r.choice(["train", "eval"]))
    yield settled(steps, "classifier-steps", sizes(), r.randint(1, 4), r.randint(2, 6), lr=r.choice([2e-3, 5e-4]), steps=r.randint(4, 9))
