"""The classifier of pictures whose features measure other models, and its cases."""
import torch
from torch import nn

from case import Case, settled
from dcgan import lively


class Net(nn.Module):
    def __init__(self, size, channels, width, features, classes):
        super().__init__()
        layers = []
        for i, stride in enumerate((1, 2, 2)):
            layers += [nn.Conv2d(channels, width << i, 3, stride, 1, bias=False), nn.BatchNorm2d(width << i), nn.ReLU()]
            channels = width << i
        self.conv = nn.Sequential(*layers)
        self.feature = nn.Linear(channels * (size // 4) ** 2, features)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(features, classes)

    def forward(self, x):
        h = self.conv(x).permute(0, 2, 3, 1).flatten(1)  # as genlab has pictures, channels last
        features = self.feature(h).relu()
        return features, self.out(self.drop(features))


def forward(name, config, batch, mode):
    def compute(net, given):
        features, logits = net(given["x"])
        return dict(features=features) | (dict(logits=logits) if mode == "eval" else {})  # dropout draws others here

    inputs = dict(x=torch.rand(batch, config["channels"], config["size"], config["size"]))
    return Case(name, "forward", "classifier", config, lively(Net(**config)), inputs, compute, mode)


def make(root):
    forward("classifier-train", dict(size=8, channels=1, width=2, features=5, classes=3), 3, "train").write(root)
    forward("classifier-eval", dict(size=12, channels=3, width=1, features=4, classes=2), 2, "eval").write(root)


def fresh(r):
    """Cases of random sizes."""
    config = dict(size=4 * r.randint(1, 7), channels=r.randint(1, 3), width=r.randint(1, 6), features=r.randint(1, 20), classes=r.randint(2, 10))
    yield settled(forward, "classifier", config, r.randint(2, 5), r.choice(["train", "eval"]))
