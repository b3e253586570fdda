"""Style transfer in PyTorch: parity's cases, Gatys et al.'s painting by torch.optim.LBFGS, and what VGG-16 as published makes of a photograph.

style.py activations VGG16.h5 PHOTO OUT.json writes what the layers make of a photograph, for a test (needs h5py and Pillow).
style.py gatys VGG16.h5 CONTENT STYLE [STEPS] paints as `genlab style --coarsest SIZE` does, without resizing, and prints the losses.
"""
import json
import sys

import torch
from torch import nn
from torch.nn import functional as F

VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]
SMALL = [4, 4, "M", 6, 6, "M", 8]


class VGG(nn.Module):
    """torchvision's, without the classifier."""

    def __init__(self, widths, pool="max"):
        super().__init__()
        layers, cin = [], 3
        for width in widths:
            if width == "M":
                layers.append(nn.MaxPool2d(2, 2) if pool == "max" else nn.AvgPool2d(2, 2))
            else:
                layers += [nn.Conv2d(cin, width, 3, padding=1), nn.ReLU(inplace=True)]
                cin = width
        self.features = nn.Sequential(*layers)
        self.mean, self.deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])

    def normalize(self, x):
        return (x - self.mean[:, None, None]) / self.deviation[:, None, None]

    def forward(self, x, layers):
        found = {}
        for i, layer in enumerate(self.features[:max(layers) + 1]):
            x = layer(x)
            if i in layers:
                found[i] = x
        return [found[i] for i in layers]


def gram(x):
    x = x.flatten(2)
    return x @ x.transpose(1, 2)


def judge(net, image, content, grams, content_layers, style_layers, weights, content_weight, style_weight, tv_weight):
    """The losses of Gatys et al.; grams are divided by places."""
    features = net(net.normalize(image), content_layers + style_layers)
    c = sum(0.5 * (f - of).square().sum() for f, of in zip(features, content))
    s = image.new_zeros(())
    for f, of, w in zip(features[len(content_layers):], grams, weights):
        s = s + w * (gram(f) / f[0, 0].numel() - of).square().sum() / (4 * f.shape[1] ** 2)
    v = image.diff(dim=2).square().sum() + image.diff(dim=3).square().sum()
    return c, s, v, content_weight * c + style_weight * s + tv_weight * v


def keras_vgg16(path):
    """VGG-16 from a Keras model's weights: kernels [height, width, in, out], blue first."""
    import h5py
    net = VGG(VGG16)
    convolutions = [m for m in net.features if isinstance(m, nn.Conv2d)]
    with h5py.File(path) as f, torch.no_grad():
        for block, count in enumerate([2, 2, 3, 3, 3]):
            for i in range(count):
                values = f[f"block{block + 1}/layers/conv2d{f'_{i}' if i else ''}/vars"]
                conv, kernel = convolutions.pop(0), torch.tensor(values["0"][...]).permute(3, 2, 0, 1)
                conv.weight.copy_(kernel.flip(1) if conv.in_channels == 3 else kernel)
                conv.bias.copy_(torch.tensor(values["1"][...]))
    net.mean, net.deviation = torch.tensor([122.679, 116.669, 104.007]) / 255, torch.full((3,), 1 / 255)
    return net.requires_grad_(False)


def photo(path):
    import numpy as np
    from PIL import Image
    return torch.tensor(np.asarray(Image.open(path).convert("RGB"))).permute(2, 0, 1)[None].float().contiguous() / 255


RELUS = {f"relu{block + 1}_{i + 1}": n for (block, i), n in zip(
    [(b, i) for b, count in enumerate([2, 2, 3, 3, 3]) for i in range(count)], [1, 3, 6, 8, 11, 13, 15, 18, 20, 22, 25, 27, 29])}


def activations(vgg, path, out):
    """Of each ReLU the mean, and eight of the values that aren't 0, spread over it, with their places."""
    net = keras_vgg16(vgg)
    layers = {}
    for name, x in zip(RELUS, net(net.normalize(photo(path)), list(RELUS.values()))):
        x = x[0].permute(1, 2, 0)  # as genlab has it
        flat = x.flatten()
        at = flat.nonzero()[:, 0]
        at = at[torch.arange(8) * (len(at) // 8)]
        layers[name] = dict(shape=list(x.shape), mean=flat.double().mean().item(), places=at.tolist(), values=flat[at].tolist())
    rows = ",\n".join(f' "{name}": {json.dumps(layer)}' for name, layer in layers.items())
    with open(out, "w") as f:
        f.write(f'{{"version": "torch {torch.__version__}", "layers": {{\n{rows}\n}}}}\n')


def gatys(vgg, content, style, steps, content_weight=1, style_weight=2e4, tv_weight=1, history=20):
    net, content, style = keras_vgg16(vgg), photo(content), photo(style)
    content_layers, style_layers = [RELUS["relu4_2"]], [RELUS[f"relu{i}_1"] for i in range(1, 6)]
    scale = 256 * 256 / content[0, 0].numel()
    targets = net(net.normalize(content), content_layers)
    grams = [gram(f) / f[0, 0].numel() for f in net(net.normalize(style), style_layers)]
    image = content.clone().requires_grad_()
    weights = (content_weight * scale, style_weight, tv_weight * scale)

    def losses():
        return judge(net, image, targets, grams, content_layers, style_layers, [0.2] * 5, *weights)

    lbfgs = torch.optim.LBFGS([image], max_iter=1, max_eval=25, history_size=history, line_search_fn="strong_wolfe", tolerance_grad=0, tolerance_change=0)

    def closure():
        lbfgs.zero_grad()
        total = losses()[3]
        total.backward()
        return total

    for step in range(1, steps + 1):
        lbfgs.step(closure)
        if step % 10 == 0:
            print(json.dumps(dict(step=step) | dict(zip(["content", "style", "variation", "total"], (l.item() for l in losses())))), flush=True)


if __name__ == "__main__":
    torch.set_num_threads(2)
    if sys.argv[1] == "activations":
        activations(*sys.argv[2:5])
    else:
        gatys(*sys.argv[2:5], int(sys.argv[5]) if len(sys.argv) > 5 else 100)
