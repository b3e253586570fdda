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


def moments(x, eps=1e-5):
    return x.mean((2, 3), keepdim=True), (x.var((2, 3), keepdim=True) + eps).sqrt()


def adain(content, style):
    (mean, deviation), (to_mean, to_deviation) = moments(content), moments(style)
    return (content - mean) / deviation * to_deviation + to_mean


class Decoder(nn.Sequential):
    """A VGG's layers backwards, up to a ReLU."""

    def __init__(self, widths, layer):
        module, used = 0, []
        for width in widths:
            if module > layer:
                break
            used.append(width)
            module += 1 if width == "M" else 2
        layers, numbers = [], [w for w in used if w != "M"]
        for width in reversed(used):
            if width == "M":
                layers.append(nn.Upsample(scale_factor=2))
                continue
            numbers.pop()
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(width, numbers[-1] if numbers else 3, 3), nn.ReLU()]
        super().__init__(*layers[:-1])


class Arbitrary(nn.Module):
    """What learns to paint any style, and what it learns through."""

    def __init__(self, vgg, style_layers, scales=None, **_):
        super().__init__()
        self.scales = scales or [1.0] * len(style_layers)
        self.decoder, self.vgg, self.layers = Decoder(vgg["widths"], style_layers[-1]), VGG(vgg["widths"], vgg["pool"]), style_layers
        self.vgg.requires_grad_(False)

    def losses(self, content, style):
        see = lambda x: [f / by for f, by in zip(self.vgg(self.vgg.normalize(x), self.layers), self.scales)]
        seen = see(style)
        aim = adain(see(content)[-1], seen[-1])
        made = see(self.decoder(aim))
        return F.mse_loss(made[-1], aim), sum(F.mse_loss(a, b) for x, of in zip(made, seen) for a, b in zip(moments(x), moments(of)))


def arbitrary_steps(config, count, batch, size):
    import case

    def compute(net, inputs):
        adam = torch.optim.Adam(net.decoder.parameters(), lr=config["lr"], eps=config["eps"])
        parts, out = [], {}
        for i in range(count):
            adam.zero_grad()
            net.vgg.mean, net.vgg.deviation = (v.to(inputs["content"].dtype) for v in (net.vgg.mean, net.vgg.deviation))
            content, style = net.losses(inputs["content"][i], inputs["style"][i])
            loss = config["content_weight"] * content + config["style_weight"] * style
            loss.backward()
            if i == 0:
                out = {f"grad.{k}": p.grad.clone() for k, p in net.named_parameters() if p.grad is not None}
            adam.step()
            parts.append((loss.detach(), content.detach(), style.detach()))
        out |= {name: torch.stack(values) for name, values in zip(("loss", "content_loss", "style_loss"), zip(*parts))}
        return out | {f"param.{k}": v for k, v in case.state(net).items()}

    inputs = dict(content=torch.rand(count, batch, 3, size, size + 4), style=torch.rand(count, batch, 3, size + 4, size))
    return case.Case("adain-steps", "step", "adain", config, Arbitrary(**config), inputs, compute, **case.STEPS)


def decoder(widths, layer, size):
    import case

    def compute(net, inputs):
        x = inputs["input"].clone().requires_grad_()
        y = net(x)
        grads = torch.autograd.grad((y * inputs["cotangent.output"]).sum(), [x, *net.parameters()])
        return dict(output=y, **{"grad_in.input": grads[0]}) | {f"grad.{k}": g for (k, _), g in zip(net.named_parameters(), grads[1:])}

    net = Decoder(widths, layer)
    x = torch.rand(2, net[1].in_channels, size, size + 1)
    with torch.no_grad():
        inputs = {"input": x, "cotangent.output": torch.randn_like(net(x))}
    return case.Case("adain-decoder", "forward", "adain.decoder", dict(widths=widths, pool="max", layer=layer), net, inputs, compute, "eval")


def fixed():
    """The cases in testdata/parity that aren't of the shared lot."""
    from case import settled
    yield settled(decoder, SMALL, 11, 3)
    config = dict(vgg=dict(widths=SMALL, pool="max"), style_layers=[1, 6, 11], scales=[2.0, 0.5, 0.25], content_weight=1.0, style_weight=10.0, lr=1e-3, eps=1e-4)
    yield settled(arbitrary_steps, config, 3, 2, 16)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    widths = [r.randint(2, 6), r.randint(2, 6), "M", r.randint(2, 8), "M", r.randint(2, 8), r.randint(2, 8)]
    yield settled(decoder, widths, 9, r.randint(2, 5))
    config = dict(vgg=dict(widths=widths, pool=r.choice(["max", "avg"])), style_layers=[1, 6, 9], content_weight=1.0, style_weight=r.choice([1.0, 10.0]), lr=1e-3, eps=1e-4)
    yield settled(arbitrary_steps, config, r.randint(1, 3), r.randint(1, 2), 4 * r.randint(3, 5))


if __name__ == "__main__":
    torch.set_num_threads(2)
    if sys.argv[1] == "activations":
        activations(*sys.argv[2:5])
    else:
        gatys(*sys.argv[2:5], int(sys.argv[5]) if len(sys.argv) > 5 else 100)
