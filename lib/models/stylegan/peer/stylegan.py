"""StyleGAN3's and StyleGAN2's nets, the training step and the augmentation in PyTorch, under NVIDIA's names: parity's cases. Written from the
papers (Karras et al. 2020, 2020 "limited data", 2021); NVIDIA's programs on the same weights give the same numbers. Filters are
scipy's designs; a change of rate is zeros put between, a convolution, and every n-th value kept; a styled convolution has a kernel for each
picture."""
import copy
import math

import numpy as np
import scipy.signal
import scipy.special
import torch
from torch import nn
from torch.nn import functional as F

SLOPE = 0.2


def upfirdn(x, f, up=1, down=1, pad=(0, 0, 0, 0), gain=1.0):
    """x: [batch, channels, height, width]; pad: left, right, top, bottom; the filter is turned round."""
    b, c, h, w = x.shape
    if up > 1:
        spread = x.new_zeros(b, c, h, up, w, up)
        spread[:, :, :, 0, :, 0] = x
        x = spread.reshape(b, c, h * up, w * up)
    x = F.pad(x, pad)  # numbers below 0 cut off
    if f is not None:
        f = f.to(x.dtype)
        kernel = (torch.outer(f, f) if f.ndim == 1 else f).flip(0, 1)
        x = F.conv2d(x, kernel.expand(c, 1, *kernel.shape), groups=c)
    return x[:, :, ::down, ::down] * gain


def lowpass(taps, cutoff, width, rate, radial=False):
    if taps == 1:
        return None
    if not radial:
        return torch.tensor(scipy.signal.firwin(taps, cutoff, width=width, fs=rate), dtype=torch.float32)
    at = (np.arange(taps) - (taps - 1) / 2) / rate
    r = np.hypot(at[:, None], at[None, :])
    window = np.kaiser(taps, scipy.signal.kaiser_beta(scipy.signal.kaiser_atten(taps, width / (rate / 2))))
    f = scipy.special.j1(2 * np.pi * cutoff * r) / (np.pi * r) * np.outer(window, window)
    return torch.tensor(f / f.sum(), dtype=torch.float32)


def unit(x):
    return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()


def styled(x, weight, style, demodulate, convolve):
    """convolve takes [1, batch*in, height, width] and kernels [batch, out, in, k, k]."""
    w = weight[None] * style[:, None, :, None, None]
    if demodulate:
        w = w / (w.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    y = convolve(x.reshape(1, -1, *x.shape[2:]), w)
    return y.reshape(len(x), -1, *y.shape[2:])


class Dense(nn.Module):
    def __init__(self, inputs, outputs, multiplier=1.0, spread=1.0, activate=False, bias=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) * spread / multiplier)
        self.bias = nn.Parameter((torch.zeros(outputs) + torch.tensor(bias)) / multiplier)
        self.multiplier, self.activate = multiplier, activate

    def forward(self, x):
        y = F.linear(x, self.weight * (self.multiplier / math.sqrt(x.shape[1])), self.bias * self.multiplier)
        return F.leaky_relu(y, SLOPE) * math.sqrt(2) if self.activate else y


class Mapping(nn.Module):
    def __init__(self, z, c, w, ws, num_layers, lr_multiplier=0.01, w_avg_beta=0.998):
        super().__init__()
        self.ws, self.layers, self.beta = ws, num_layers, w_avg_beta
        if z:
            self.register_buffer("w_avg", torch.zeros(w))
        if c:
            self.embed = Dense(c, w)
        width = z + (w if c else 0)
        for i in range(num_layers):
            setattr(self, f"fc{i}", Dense(width, w, lr_multiplier, activate=True))
            width = w

    def forward(self, z, c, renew=False, psi=1.0, cutoff=None):
        x = torch.cat(([unit(z)] if z is not None else []) + ([unit(self.embed(c))] if c is not None else []), 1)
        for i in range(self.layers):
            x = getattr(self, f"fc{i}")(x)
        if z is None:
            return x
        if renew:
            self.w_avg.mul_(self.beta).add_(x.detach().mean(0), alpha=1 - self.beta)
        ws = x[:, None].repeat(1, self.ws, 1)
        near = self.w_avg + psi * (ws - self.w_avg)
        return torch.cat([near[:, :cutoff], ws[:, cutoff:]], 1) if cutoff else near


class Fourier(nn.Module):
    def __init__(self, w, channels, size, rate, bandwidth):
        super().__init__()
        self.size, self.rate, self.bandwidth = size, rate, bandwidth
        self.weight = nn.Parameter(torch.randn(channels, channels))
        self.affine = Dense(w, 4, spread=0.3, bias=[1.0, 0.0, 0.0, 0.0])
        angle, radius = torch.rand(channels) * 2 * math.pi, torch.rand(channels).sqrt() * bandwidth
        self.register_buffer("transform", torch.eye(3) + 0.1 * torch.randn(3, 3) * torch.tensor([[1.0], [1], [0]]))
        self.register_buffer("freqs", torch.stack([angle.cos(), angle.sin()], 1) * radius[:, None])
        self.register_buffer("phases", torch.rand(channels) - 0.5)

    def forward(self, w):
        t = self.affine(w)
        cos, sin, x, y = (t / t[:, :2].norm(dim=1, keepdim=True)).unbind(1)
        zero, one = torch.zeros_like(x), torch.ones_like(x)
        turn = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], 1).view(-1, 3, 3)
        move = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], 1).view(-1, 3, 3)
        m = turn @ move @ self.transform
        phases = self.phases + torch.einsum("cd,bd->bc", self.freqs, m[:, :2, 2])
        freqs = torch.einsum("cd,bde->bce", self.freqs, m[:, :2, :2])
        amplitude = (1 - (freqs.norm(dim=2) - self.bandwidth) / (self.rate / 2 - self.bandwidth)).clamp(0, 1)
        at = (torch.arange(self.size).to(w) + 0.5 - self.size / 2) / self.rate
        angle = freqs[..., 0, None, None] * at[None, :] + freqs[..., 1, None, None] * at[:, None] + phases[..., None, None]
        waves = (2 * math.pi * angle).sin() * amplitude[..., None, None]
        return torch.einsum("oc,bchw->bohw", self.weight / math.sqrt(len(self.weight)), waves)


class Layer(nn.Module):
    def __init__(self, w, source, to, torgb, critical, conv_kernel=3, filter_size=6, lrelu_upsampling=2, use_radial_filters=False, conv_clamp=256.0,
                 magnitude_ema_beta=0.999):
        """source and to: rate, cutoff, half width, size, channels."""
        super().__init__()
        (r0, c0, h0, s0, n0), (r1, c1, h1, s1, n1) = source, to
        k = 1 if torgb else conv_kernel
        self.torgb, self.clamp, self.beta = torgb, conv_clamp, magnitude_ema_beta
        self.weight, self.bias = nn.Parameter(torch.randn(n1, n0, k, k)), nn.Parameter(torch.randn(n1) * 0.1)
        self.affine = Dense(w, n0, bias=1.0)
        self.register_buffer("magnitude_ema", torch.rand(()) + 0.5)
        rate = max(r0, r1) * (1 if torgb else lrelu_upsampling)
        self.up, self.down = rate // r0, rate // r1
        taps = [1 if torgb or n == 1 else filter_size * n for n in (self.up, self.down)]
        self.register_buffer("up_filter", lowpass(taps[0], c0, 2 * h0, rate))
        self.register_buffer("down_filter", lowpass(taps[1], c1, 2 * h1, rate, use_radial_filters and not critical))
        total = (s1 - 1) * self.down + 1 - (s0 + k - 1) * self.up + sum(taps) - 2
        before = (total + self.up) // 2
        self.pad = (before, total - before) * 2

    def forward(self, x, w, renew):
        if renew:
            self.magnitude_ema.mul_(self.beta).add_(x.detach().square().mean(), alpha=1 - self.beta)
        style, weight = self.affine(w), self.weight
        if self.torgb:
            style = style / math.sqrt(weight[0].numel())
        else:
            style = style / style.square().mean().sqrt()
            weight = weight / weight.square().mean((1, 2, 3), keepdim=True).sqrt()
        k = weight.shape[-1]
        x = x / self.magnitude_ema.sqrt()
        x = styled(x, weight, style, not self.torgb, lambda x, w: F.conv2d(x, w.flatten(0, 1), padding=k - 1, groups=len(w)))
        x = upfirdn(x + self.bias[:, None, None], self.up_filter, self.up, pad=self.pad, gain=self.up**2)
        if not self.torgb:
            x = F.leaky_relu(x, SLOPE) * math.sqrt(2)
        return upfirdn(x.clamp(-self.clamp, self.clamp), self.down_filter, down=self.down)


class Synthesis(nn.Module):
    def __init__(self, w, resolution, channels, base, most, num_layers, num_critical, first_cutoff, first_stopband, margin, **options):
        super().__init__()
        bands, half = [], resolution / 2
        for i in range(num_layers + 1):
            part = min(i / (num_layers - num_critical), 1)
            cutoff, stop = first_cutoff * (half / first_cutoff) ** part, first_stopband * (half * 2**0.3 / first_stopband) ** part
            rate = 2 ** math.ceil(math.log2(min(2 * stop, resolution)))
            size = rate + 2 * margin if i < num_layers - 1 else resolution
            width = channels if i == num_layers else round(min(base / 2 / cutoff, most))
            bands.append((rate, cutoff, max(stop, rate / 2) - cutoff, size, width))
        self.input = Fourier(w, bands[0][4], bands[0][3], bands[0][0], bands[0][1])
        self.names = []
        for i, band in enumerate(bands):
            self.names.append(f"L{i}_{band[3]}_{band[4]}")
            setattr(self, self.names[-1], Layer(w, bands[max(i - 1, 0)], band, i == num_layers, i >= num_layers - num_critical, **options))

    def forward(self, ws, renew):
        x = self.input(ws[:, 0])
        for i, name in enumerate(self.names):
            x = getattr(self, name)(x, ws[:, i + 1], renew)
        return x * 0.25


class Generator(nn.Module):
    def __init__(self, z_dim, c_dim, w_dim, img_resolution, img_channels, channel_base, channel_max, num_layers, num_critical=2, first_cutoff=2.0,
                 first_stopband=2**2.1, margin_size=10, mapping_kwargs={}, **options):
        super().__init__()
        self.synthesis = Synthesis(w_dim, img_resolution, img_channels, channel_base, channel_max, num_layers, num_critical, first_cutoff, first_stopband,
                                   margin_size, **options)
        self.mapping = Mapping(z_dim, c_dim, w_dim, num_layers + 2, **{"num_layers": 2} | mapping_kwargs)

    def forward(self, z, c, renew=False, **truncation):
        return self.synthesis(self.mapping(z, c, renew, **truncation), renew)


def binomial(module):
    f = torch.tensor([1.0, 3, 3, 1]) / 8
    module.register_buffer("resample_filter", torch.outer(f, f))


class Layer2(nn.Module):
    def __init__(self, w, inputs, outputs, resolution, up):
        super().__init__()
        self.up = up
        self.weight, self.bias = nn.Parameter(torch.randn(outputs, inputs, 3, 3)), nn.Parameter(torch.randn(outputs) * 0.1)
        self.noise_strength = nn.Parameter(torch.randn(()) * 0.3)
        self.affine = Dense(w, inputs, bias=1.0)
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        binomial(self)

    def forward(self, x, w):
        def convolve(x, kernels):
            if not self.up:
                return F.conv2d(x, kernels.flatten(0, 1), padding=1, groups=len(kernels))
            x = F.conv_transpose2d(x, kernels.transpose(1, 2).flatten(0, 1), stride=2, groups=len(kernels))
            return upfirdn(x, self.resample_filter, pad=(1, 1, 1, 1), gain=4)

        x = styled(x, self.weight, self.affine(w), True, convolve) + self.noise_const * self.noise_strength
        return (F.leaky_relu(x + self.bias[:, None, None], SLOPE) * math.sqrt(2)).clamp(-256, 256)


class ToRGB(nn.Module):
    def __init__(self, w, inputs, channels):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(channels, inputs, 1, 1)), nn.Parameter(torch.randn(channels) * 0.1)
        self.affine = Dense(w, inputs, bias=1.0)

    def forward(self, x, w):
        style = self.affine(w) / math.sqrt(self.weight.shape[1])
        x = styled(x, self.weight, style, False, lambda x, w: F.conv2d(x, w.flatten(0, 1), groups=len(w)))
        return (x + self.bias[:, None, None]).clamp(-256, 256)


class Block2(nn.Module):
    def __init__(self, w, inputs, outputs, resolution, channels, constant):
        super().__init__()
        if inputs:
            self.conv0 = Layer2(w, inputs, outputs, resolution, True)
        elif constant:
            self.const = nn.Parameter(torch.randn(outputs, resolution, resolution))
        self.conv1, self.torgb = Layer2(w, outputs, outputs, resolution, False), ToRGB(w, outputs, channels)
        binomial(self)


class Synthesis2(nn.Module):
    def __init__(self, w, resolution, channels, base, most, fourier):
        super().__init__()
        self.sizes = [2**i for i in range(2, resolution.bit_length())]
        inputs = 0
        for size in self.sizes:
            outputs = min(base // size, most)
            if size == 4 and fourier:
                self.input = Fourier(w, outputs, 4, 4, 1.0)
            setattr(self, f"b{size}", Block2(w, inputs, outputs, size, channels, not fourier))
            inputs = outputs

    def forward(self, ws):
        img, at = None, 0
        for size in self.sizes:
            b = getattr(self, f"b{size}")
            if size > 4:
                x, at = b.conv0(x, ws[:, at]), at + 1
            else:
                x = b.const.expand(len(ws), *b.const.shape) if hasattr(b, "const") else self.input(ws[:, 0])
            x, at = b.conv1(x, ws[:, at]), at + 1
            y = b.torgb(x, ws[:, at])
            img = y if img is None else y + upfirdn(img, b.resample_filter, up=2, pad=(2, 1, 2, 1), gain=4)
        return img


class Generator2(nn.Module):
    def __init__(self, z_dim, c_dim, w_dim, img_resolution, img_channels, channel_base, channel_max, fourier=False, mapping_kwargs={}):
        super().__init__()
        self.synthesis = Synthesis2(w_dim, img_resolution, img_channels, channel_base, channel_max, fourier)
        self.mapping = Mapping(z_dim, c_dim, w_dim, 2 * len(self.synthesis.sizes), **{"num_layers": 8} | mapping_kwargs)

    def forward(self, z, c, renew=False, **truncation):
        return self.synthesis(self.mapping(z, c, renew, **truncation))


class Conv(nn.Module):
    def __init__(self, inputs, outputs, kernel, down=1, plain=False, clamp=256.0):
        super().__init__()
        self.down, self.plain, self.clamp = down, plain, clamp
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        if not plain:
            self.bias = nn.Parameter(torch.randn(outputs) * 0.1)
        binomial(self)

    def forward(self, x, gain=1.0):
        k = self.weight.shape[-1]
        w = self.weight / math.sqrt(self.weight[0].numel())
        if self.down == 1:
            x = F.conv2d(x, w, padding=k // 2)
        else:
            x = F.conv2d(upfirdn(x, self.resample_filter, pad=(k // 2 + 1,) * 4), w, stride=self.down)
        if self.plain:
            return x * gain
        x = F.leaky_relu(x + self.bias[:, None, None], SLOPE) * math.sqrt(2) * gain
        return x.clamp(-self.clamp * gain, self.clamp * gain)


class Block(nn.Module):
    def __init__(self, channels, inputs, outputs, architecture):
        super().__init__()
        binomial(self)
        if channels:
            self.fromrgb = Conv(channels, inputs, 1)
        self.conv0, self.conv1 = Conv(inputs, inputs, 3), Conv(inputs, outputs, 3, 2)
        if architecture == "resnet":
            self.skip = Conv(inputs, outputs, 1, 2, plain=True)


class Epilogue(nn.Module):
    def __init__(self, channels, width, cmap, mbstd_group_size=4, mbstd_num_channels=1):
        super().__init__()
        self.group, self.features = mbstd_group_size, mbstd_num_channels
        if channels:
            self.fromrgb = Conv(channels, width, 1)
        self.conv, self.fc, self.out = Conv(width + mbstd_num_channels, width, 3), Dense(16 * width, width, activate=True), Dense(width, max(cmap, 1))

    def forward(self, x, img, c):
        if hasattr(self, "fromrgb"):
            x = x + self.fromrgb(img)
        n, f = len(x), self.features
        if f:
            g = min(self.group or n, n)
            parts = x.unflatten(0, (g, n // g)).unflatten(2, (f, -1))
            spread = (parts.var(0, unbiased=False) + 1e-8).sqrt().mean((2, 3, 4))
            x = torch.cat([x, spread.repeat(g, 1)[:, :, None, None].expand(-1, -1, 4, 4)], 1)
        x = self.out(self.fc(self.conv(x).flatten(1)))
        return x if c is None else (x * c).sum(1, keepdim=True) / math.sqrt(c.shape[1])


class Discriminator(nn.Module):
    def __init__(self, c_dim, img_resolution, img_channels, channel_base, channel_max, architecture="resnet", mapping_kwargs={}, epilogue_kwargs={}):
        super().__init__()
        self.architecture = architecture
        self.sizes = [2**i for i in range(img_resolution.bit_length() - 1, 2, -1)]
        width = {s: min(channel_base // s, channel_max) for s in self.sizes + [4]}
        for s in self.sizes:
            channels = img_channels if s == img_resolution or architecture == "skip" else 0
            setattr(self, f"b{s}", Block(channels, width[s], width[s // 2], architecture))
        if c_dim:
            self.mapping = Mapping(0, c_dim, width[4], None, **{"num_layers": 8} | mapping_kwargs)
        self.b4 = Epilogue(img_channels if architecture == "skip" else 0, width[4], width[4] if c_dim else 0, **epilogue_kwargs)

    def forward(self, img, c=None):
        x = None
        for s in self.sizes:
            b = getattr(self, f"b{s}")
            if hasattr(b, "fromrgb"):
                x = b.fromrgb(img) + (0 if x is None else x)
                img = upfirdn(img, b.resample_filter, down=2, pad=(1, 1, 1, 1)) if self.architecture == "skip" else None
            half = math.sqrt(0.5)
            x = b.skip(x, half) + b.conv1(b.conv0(x), half) if hasattr(b, "skip") else b.conv1(b.conv0(x))
        return self.b4(x, img, None if c is None else self.mapping(None, c))


SYM6 = [0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466, 0.787641141030194,
        0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148]


def augment(img, kind, p, u, n):
    """u and n hold the numbers in the order in which the operations take them."""
    batch, channels, _, size = img.shape
    us, ns = iter(u.T), iter(n.T)

    def chosen(value, nothing, p=p):
        return torch.where(next(us) < p, value, torch.full_like(value, nothing))

    def stack(rows):
        flat = [v if isinstance(v, torch.Tensor) else torch.full_like(u[:, 0], float(v)) for row in rows for v in row]
        return torch.stack(flat, 1).view(batch, len(rows), len(rows))

    def moved(x, y):
        return stack([[1, 0, x], [0, 1, y], [0, 0, 1]])

    def scaled(x, y):
        return stack([[x, 0, 0], [0, y, 0], [0, 0, 1]])

    def turned(a):
        return stack([[a.cos(), -a.sin(), 0], [a.sin(), a.cos(), 0], [0, 0, 1]])

    def angle():
        return (next(us) * 2 - 1) * math.pi

    m = scaled(1 - 2 * chosen((next(us) * 2).floor(), 0), 1)
    m = m @ turned(chosen((next(us) * 4).floor(), 0) * math.pi / 2)
    x, y = ((((next(us) * 2 - 1) * 0.125) * size).round() for _ in range(2))
    gate = chosen(torch.ones_like(x), 0)
    m = m @ moved(-x * gate, -y * gate)
    s = chosen(2 ** -(next(ns) * 0.2), 1)
    m = m @ scaled(s, s)
    once = 1 - math.sqrt(1 - p)
    m = m @ turned(chosen(angle(), 0, once))
    s = chosen(2 ** -(next(ns) * 0.2), 1)
    m = m @ scaled(s, 1 / s)
    m = m @ turned(chosen(angle(), 0, once))
    x, y = next(ns) * 0.125 * size, next(ns) * 0.125 * size
    gate = chosen(torch.ones_like(x), 0)
    m = m @ moved(-x * gate, -y * gate)

    f = torch.tensor(SYM6).to(img)
    f = f / f.sum()
    larger = upfirdn(F.pad(img, (size - 1,) * 4, mode="reflect"), f, up=2, pad=(6, 5, 6, 5), gain=4)
    count = 2 * (size + 6)
    at = (torch.arange(count).to(img) + 1 - count / 2) / 2
    places = torch.stack([at.expand(count, count), at[:, None].expand(count, count), torch.ones(count, count).to(img)], -1)
    grid = torch.einsum("bij,hwj->bhwi", m[:, :2], places) * 4 - 1
    bent = F.grid_sample(larger, grid / larger.shape[-1], align_corners=False)
    img = upfirdn(bent, f.flip(0), down=2, pad=(-1,) * 4)
    if kind == "bg":
        return img

    grey = torch.full((4, 4), 1 / 3).to(img)
    grey[3], grey[:, 3] = 0, 0
    eye = torch.eye(4).to(img)
    b = chosen(next(ns) * 0.2, 0)
    c = stack([[1, 0, 0, b], [0, 1, 0, b], [0, 0, 1, b], [0, 0, 0, 1]])
    k = chosen(2 ** (next(ns) * 0.5), 1)
    c = stack([[k, 0, 0, 0], [0, k, 0, 0], [0, 0, k, 0], [0, 0, 0, 1]]) @ c
    c = (eye - 2 * grey * chosen((next(us) * 2).floor(), 0)[:, None, None]) @ c
    if channels == 3:
        a = chosen(angle(), 0)
        sin, cos = a.sin()[:, None, None] / math.sqrt(3), a.cos()[:, None, None]
        across = torch.tensor([[0.0, -1, 1, 0], [1, 0, -1, 0], [-1, 1, 0, 0], [0, 0, 0, 0]]).to(img)
        last = torch.diag(torch.tensor([0.0, 0, 0, 1])).to(img)
        c = (grey + cos * (eye - last - grey) + sin * across + last) @ c
        c = (grey + (eye - grey) * chosen(2 ** next(ns), 1)[:, None, None]) @ c
        return torch.einsum("bij,bjhw->bihw", c[:, :3, :3], img) + c[:, :3, 3, None, None]
    c = c[:, :3].mean(1)
    return img * c[:, :3].sum(1)[:, None, None, None] + c[:, 3, None, None, None]


def squared_gradient(logits, img):
    (slope,) = torch.autograd.grad(logits.sum(), img, create_graph=True)
    return slope.square().sum((1, 2, 3))


def train(generator, discriminator, mean, c, inputs):
    """Iterations of the training: what they measure, and the first gradients."""
    adam_g = torch.optim.Adam(generator.parameters(), lr=c["lr_g"], betas=c["betas"], eps=c["eps"])
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=c["lr_d"], betas=c["betas"], eps=c["eps"])
    record, out = {"loss_g": [], "loss_d": [], "r1_penalty": []}, {}
    for i in range(len(inputs["real"])):
        r = {k: v[i] for k, v in inputs.items()}
        adam_g.zero_grad()
        loss_g = F.softplus(-discriminator(generator(r["z_g"], r.get("c_g")), r.get("c_g"))).mean()
        loss_g.backward()
        if i == 0:
            out |= {f"grad.generator.{k}": p.grad.clone() for k, p in generator.named_parameters()}
        adam_g.step()
        adam_d.zero_grad()
        with torch.no_grad():
            fake = generator(r["z_d"], r.get("c_d"), renew=True)
        part = len(r["real"]) // c.get("r1_part", 1)
        judged = r["real"][:part].clone().requires_grad_()
        penalty = squared_gradient(discriminator(judged, r["real_c"][:part] if "real_c" in r else None), judged).mean()
        loss_d = F.softplus(discriminator(fake, r.get("c_d"))).mean() + F.softplus(-discriminator(r["real"], r.get("real_c"))).mean()
        loss_d = loss_d + c["r1_gamma"] / 2 * penalty
        loss_d.backward()
        if i == 0:
            out |= {f"grad.discriminator.{k}": p.grad.clone() for k, p in discriminator.named_parameters()}
        adam_d.step()
        if mean:
            average(mean, generator, min(c["ema"], (i + 2) / (i + 11)))
        for k, v in zip(record, (loss_g, loss_d, penalty)):
            record[k].append(v.detach())
    return out | {k: torch.stack(v) for k, v in record.items()}


@torch.no_grad()
def average(mean, of, keep):
    """What is not a parameter is copied."""
    moved = {k for k, _ in of.named_parameters()}
    for (k, old), new in zip(mean.state_dict().items(), of.state_dict().values()):
        old.copy_(keep * old + (1 - keep) * new if k in moved else new)


def weighed(model, inputs, out, given):
    """A case's outputs with the gradients of the cotangents' sum."""
    wanted = {k: v for k, v in inputs.items() if not k.startswith("cotangent.")}
    total = sum((v * inputs[f"cotangent.{k}"]).sum() for k, v in out.items() if f"cotangent.{k}" in inputs)
    params = dict(model.named_parameters()) if model else {}
    grads = torch.autograd.grad(total, [*params.values(), *(wanted[k] for k in given)], allow_unused=True)
    return out | {f"grad.{k}": g for k, g in zip(params, grads)} | {f"grad_in.{k}": g for k, g in zip(given, grads[len(params):])}


def forward(name, id, config, model, inputs, run, given, mode="eval"):
    from case import Case

    def compute(model, inputs):
        inputs = {k: v.clone().requires_grad_() if k in given else v for k, v in inputs.items()}
        out = weighed(model, inputs, run(model, inputs), given)
        return out | ({f"state.{k}": v for k, v in model.named_buffers() if k.endswith(("w_avg", "magnitude_ema"))} if mode == "train" else {})

    return Case(name, "forward", id, config, model, inputs, compute, mode, rtol=1e-3, atol=1e-4)


def generator(name, net, id, config, mode="eval", batch=2, **truncation):
    model = net(**config)
    with torch.no_grad():
        model.mapping.w_avg.normal_()
        if hasattr(model.synthesis, "input"):
            model.synthesis.input.transform.copy_(torch.tensor([[0.9, -0.3, 0.1], [0.2, 1.0, -0.05], [0, 0, 1]]))
    size = config["img_resolution"]
    inputs = {"z": torch.randn(batch, config["z_dim"]), "cotangent.img": torch.randn(batch, config["img_channels"], size, size)}
    if config["c_dim"]:
        inputs["c"] = torch.eye(config["c_dim"])[torch.arange(batch) % config["c_dim"]]
    names = {"truncation_psi": truncation.get("psi", 1.0)} | ({"truncation_cutoff": truncation["cutoff"]} if "cutoff" in truncation else {})
    return forward(name, id, config | names, model, inputs, lambda m, i: {"img": m(i["z"], i.get("c"), renew=mode == "train", **truncation)}, ["z"], mode)


def discriminator(name, config, batch):
    model = Discriminator(**config)
    size = config["img_resolution"]
    inputs = {"img": torch.randn(batch, config["img_channels"], size, size), "cotangent.logits": torch.randn(batch, 1)}
    if config["c_dim"]:
        inputs["c"] = torch.eye(config["c_dim"])[torch.arange(batch) % config["c_dim"]]
    return forward(name, "stylegan3.discriminator", config, model, inputs, lambda m, i: {"logits": m(i["img"], i.get("c"))}, ["img"])


def augmented(name, kind, channels, size, p, batch=4):
    img = torch.randn(batch, channels, size, size)
    inputs = {"img": img, "u": torch.rand(batch, 21), "n": torch.randn(batch, 7), "cotangent.output": torch.randn_like(img)}
    run = lambda _, i: {"output": augment(i["img"], kind, p, i["u"], i["n"])}
    return forward(name, "stylegan3.augment", dict(augment=kind, p=p), nn.Module(), inputs, run, ["img"])


def steps(name, g, d, count=2, batch=4, **options):
    from case import Case, state
    c = dict(generator=g, discriminator=d, lr_g=2e-3, lr_d=2e-3, betas=[0.0, 0.99], eps=1e-4, r1_gamma=1.0) | options
    models = nn.ModuleDict(dict(generator=Generator(**g), discriminator=Discriminator(**d)))
    with torch.no_grad():
        models["generator"].synthesis.input.transform.copy_(torch.eye(3))
    if "ema" in c:
        models["mean"] = copy.deepcopy(models["generator"])

    def compute(models, inputs):
        out = train(models["generator"], models["discriminator"], models["mean"] if "ema" in c else None, c, inputs)
        return out | {f"param.{k}": v for k, v in state(models).items()}

    size = g["img_resolution"]
    inputs = dict(real=torch.rand(count, batch, g["img_channels"], size, size) * 2 - 1, z_g=torch.randn(count, batch, g["z_dim"]),
                  z_d=torch.randn(count, batch, g["z_dim"]))
    if g["c_dim"]:
        for k in "real_c", "c_g", "c_d":
            inputs[k] = torch.eye(g["c_dim"])[torch.randint(g["c_dim"], (count, batch))]
    return Case(name, "step", "stylegan3", c, models, inputs, compute, rtol=2e-3, atol=1e-4)


SMALL = dict(z_dim=6, w_dim=5, c_dim=0, img_resolution=16, img_channels=3, channel_base=48, channel_max=6)
THREE = dict(num_layers=4, margin_size=2, first_cutoff=1.0, first_stopband=2.0)
JUDGE = dict(c_dim=0, img_resolution=16, img_channels=3, channel_base=48, channel_max=6)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    yield settled(generator, "generator-t", Generator, "stylegan3.generator", SMALL | THREE, "train")
    turning = dict(conv_kernel=1, use_radial_filters=True, c_dim=2)
    yield settled(generator, "generator-r", Generator, "stylegan3.generator", SMALL | THREE | turning, psi=0.7, cutoff=3)
    yield settled(generator, "generator-2", Generator2, "stylegan2.generator", SMALL | dict(mapping_kwargs=dict(num_layers=2)), psi=0.5)
    yield settled(generator, "generator-2-fourier", Generator2, "stylegan2.generator", SMALL | dict(fourier=True, c_dim=2), "train")
    yield settled(discriminator, "discriminator", JUDGE | dict(c_dim=2, mapping_kwargs=dict(num_layers=2)), 4)
    yield settled(discriminator, "discriminator-skip", JUDGE | dict(architecture="skip", epilogue_kwargs=dict(mbstd_group_size=2, mbstd_num_channels=2)), 4)
    yield settled(augmented, "augment-moves", "bg", 1, 8, 0.6)
    yield settled(augmented, "augment-grey", "bgc", 1, 8, 0.5)
    yield settled(augmented, "augment-colour", "bgc", 3, 8, 0.5)
    yield settled(steps, "steps", SMALL | THREE | dict(c_dim=2), JUDGE | dict(c_dim=2, mapping_kwargs=dict(num_layers=2)))
    yield settled(steps, "steps-part-ema", SMALL | THREE, JUDGE, batch=8, r1_part=2, ema=0.9)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    size = r.choice([8, 16, 32])
    shape = dict(img_resolution=size, img_channels=r.choice([1, 3]), c_dim=r.choice([0, 2, 3]), channel_base=size * r.randint(1, 3), channel_max=r.randint(3, 8))
    latent = dict(z_dim=r.randint(3, 9), w_dim=r.randint(3, 9))
    layers = dict(num_layers=r.randint(3, 5), margin_size=r.randint(1, 4), first_cutoff=1.0, first_stopband=2.0)
    turning = r.choice([{}, dict(conv_kernel=1, use_radial_filters=True)])
    yield settled(generator, "stylegan3", Generator, "stylegan3.generator", shape | latent | layers | turning, r.choice(["train", "eval"]))
    yield settled(generator, "stylegan2", Generator2, "stylegan2.generator", shape | latent | dict(fourier=r.random() < 0.5), psi=r.choice([1.0, 0.6]))
    yield settled(discriminator, "stylegan-discriminator", shape | dict(architecture=r.choice(["resnet", "skip", "orig"])), 4)
    yield settled(augmented, "stylegan-augment", r.choice(["bg", "bgc"]), r.choice([1, 3]), r.choice([8, 12]), r.choice([0.0, 0.3, 0.8]))
