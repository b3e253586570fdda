"""DALL-E in PyTorch: parity's cases and the bench's sides.

Encoder and decoder are those of openai/DALL-E (encoder.py, decoder.py, utils.py at 5be4b236), with their names; the transformer is PyTorch's
own nn.TransformerEncoderLayer with a mask; the VQ-VAE's codebook is written by the paper's equations, with running means, and dead codes begin anew.
"""
import collections
import math

import torch
from torch import nn
from torch.nn import functional as F


class Conv2d(nn.Module):
    def __init__(self, n_in, n_out, kw):
        super().__init__()
        self.w = nn.Parameter(torch.randn(n_out, n_in, kw, kw) / math.sqrt(n_in * kw**2))
        self.b = nn.Parameter(torch.zeros(n_out))
        self.kw = kw

    def forward(self, x):
        return F.conv2d(x, self.w, self.b, padding=(self.kw - 1) // 2)


def named(*parts):
    return nn.Sequential(collections.OrderedDict(parts))


class Block(nn.Module):
    KERNELS = None

    def __init__(self, n_in, n_out, n_layers):
        super().__init__()
        n_hid = n_out // 4
        self.post_gain = 1 / n_layers**2
        self.id_path = Conv2d(n_in, n_out, 1) if n_in != n_out else nn.Identity()
        widths = [n_in, n_hid, n_hid, n_hid, n_out]
        parts = []
        for i, kw in enumerate(self.KERNELS):
            parts += [(f"relu_{i + 1}", nn.ReLU()), (f"conv_{i + 1}", Conv2d(widths[i], widths[i + 1], kw))]
        self.res_path = named(*parts)

    def forward(self, x):
        return self.id_path(x) + self.post_gain * self.res_path(x)


class EncoderBlock(Block):
    KERNELS = 3, 3, 3, 1


class DecoderBlock(Block):
    KERNELS = 1, 3, 3, 3


def groups(block, width, first, c, between):
    parts, n_in, count = [], first, c.get("group_count", 4)
    for g in range(count):
        group = []
        for i in range(c["n_blk_per_group"]):
            group.append((f"block_{i + 1}", block(n_in, width(g), count * c["n_blk_per_group"])))
            n_in = width(g)
        if g < count - 1:
            group.append(between())
        parts.append((f"group_{g + 1}", named(*group)))
    return parts, n_in


class Encoder(nn.Module):
    def __init__(self, **c):
        super().__init__()
        parts, last = groups(EncoderBlock, lambda g: c["n_hid"] << g, c["n_hid"], c, lambda: ("pool", nn.MaxPool2d(kernel_size=2)))
        self.blocks = named(("input", Conv2d(c["input_channels"], c["n_hid"], 7)), *parts,
                            ("output", named(("relu", nn.ReLU()), ("conv", Conv2d(last, c.get("width", c["vocab_size"]), 1)))))

    def forward(self, x):
        return self.blocks(x)


class Decoder(nn.Module):
    def __init__(self, **c):
        super().__init__()
        count = c.get("group_count", 4)
        parts, last = groups(DecoderBlock, lambda g: c["n_hid"] << (count - 1 - g), c["n_init"], c,
                             lambda: ("upsample", nn.Upsample(scale_factor=2, mode="nearest")))
        self.blocks = named(("input", Conv2d(c.get("width", c["vocab_size"]), c["n_init"], 1)), *parts,
                            ("output", named(("relu", nn.ReLU()), ("conv", Conv2d(last, 2 * c["output_channels"], 1)))))

    def forward(self, z):
        return self.blocks(z)


EPS = 0.1


def map_pixels(x):
    return (1 - 2 * EPS) * x + EPS


def unmap_pixels(x):
    return ((x - EPS) / (1 - 2 * EPS)).clamp(0, 1)


def nll(x, stats):
    """By torch.distributions: a Laplace distribution sent through the sigmoid."""
    from torch import distributions as d
    mu, ln_b = stats.chunk(2, 1)
    return -d.TransformedDistribution(d.Laplace(mu, ln_b.exp(), validate_args=False), d.SigmoidTransform(), validate_args=False).log_prob(x)


class DVAE(nn.Module):
    def __init__(self, encoder, decoder, **c):
        super().__init__()
        self.encoder, self.decoder, self.config = Encoder(**encoder), Decoder(**decoder), c

    def forward(self, x, gumbel):
        x, t = map_pixels(x), self.config["temperature"]
        logits = self.encoder(x)
        z = F.softmax((logits + gumbel) / t, 1)
        recon = nll(x, self.decoder(z)).mean()
        logq = logits.log_softmax(1)
        kl = (logq.exp() * (logq + math.log(logits.shape[1]))).sum(1).mean()
        return dict(logits=logits, z=z, recon=recon, kl=kl, loss=recon + self.config["kl_weight"] * kl)


class Codebook(nn.Module):
    def __init__(self, vocab, width):
        super().__init__()
        self.register_buffer("embed", torch.randn(vocab, width) / math.sqrt(width))
        self.register_buffer("count", torch.full((vocab,), 0.25))


class VQVAE(nn.Module):
    DECAY, RARE, FRESH = 0.99, 0.2, 0.25

    def __init__(self, encoder, decoder, commitment=0.25):
        super().__init__()
        wide = dict(width=encoder["code_width"])
        self.encoder, self.decoder = Encoder(**encoder, **wide), Decoder(**decoder, **wide)
        self.codebook, self.commitment = Codebook(encoder["vocab_size"], encoder["code_width"]), commitment

    def forward(self, x, noise=None):
        x = map_pixels(x)
        h = self.encoder(x)
        flat = h.permute(0, 2, 3, 1).flatten(0, 2)
        codes = torch.cdist(flat.detach(), self.codebook.embed).argmin(1)
        near = self.codebook.embed[codes].reshape(h.permute(0, 2, 3, 1).shape).permute(0, 3, 1, 2)
        commitment = F.mse_loss(h, near.detach())
        z = h + (near - h).detach()
        recon = nll(x, self.decoder(z)).mean()
        if noise is not None:
            self.follow(flat.detach(), codes, noise)
        return dict(z=z, codes=codes.reshape(len(x), *h.shape[2:]).int(), recon=recon, commitment=commitment, loss=recon + self.commitment * commitment)

    @torch.no_grad()
    def follow(self, flat, codes, noise):
        book = self.codebook
        for k in range(len(book.count)):
            mine = flat[codes == k]
            old = self.DECAY * book.count[k]
            new = old + (1 - self.DECAY) * len(mine)
            if new < self.RARE:
                book.embed[k], book.count[k] = flat[int(noise[k] * len(flat))], self.FRESH
            else:
                book.embed[k] = (old * book.embed[k] + (1 - self.DECAY) * mine.sum(0)) / new
                book.count[k] = new


class DALLETransformer(nn.Module):
    def __init__(self, dim, depth, heads, num_text_tokens, text_seq_len, num_image_tokens, image_size, attention="full", loss_img_weight=7):
        super().__init__()
        self.t, self.side, self.text_tokens, self.weight = text_seq_len, image_size, num_text_tokens, loss_img_weight
        self.own = num_text_tokens + text_seq_len
        self.text_emb, self.text_pos_emb = nn.Embedding(self.own, dim), nn.Embedding(text_seq_len + 1, dim)
        self.image_emb, self.row_emb, self.col_emb = nn.Embedding(num_image_tokens, dim), nn.Embedding(image_size, dim), nn.Embedding(image_size, dim)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(dim, heads, 4 * dim, 0.0, "gelu", batch_first=True, norm_first=True) for _ in range(depth))
        self.norm, self.to_logits = nn.LayerNorm(dim), nn.Linear(dim, self.own + num_image_tokens)
        self.kinds = [attention] * depth if isinstance(attention, str) else attention

    def hidden(self, kind):
        """True where a place may not look."""
        length = self.t + self.side**2
        place = torch.arange(length) - self.t - 1
        row, column = place // self.side, place % self.side
        down, across = row[:, None] - row[None], column[:, None] - column[None]
        near = dict(full=torch.ones(length, length, dtype=torch.bool), row=down == 0, column=across == 0,
                    conv=(down.abs() <= 1) & (across.abs() <= 1))[kind]
        seen = (near | (place[None] < 0)) & (place[None] <= place[:, None])
        return ~seen

    def padded(self, text):
        return torch.where(text == 0, self.text_tokens + torch.arange(self.t), text)

    def forward(self, text, image):
        text = self.padded(text)
        places = torch.arange(self.side**2)
        x = torch.cat([self.text_emb(F.pad(text, (1, 0))) + self.text_pos_emb.weight,
                       self.image_emb(image) + self.row_emb(places // self.side) + self.col_emb(places % self.side)], 1)[:, :-1]
        for layer, kind in zip(self.layers, self.kinds):
            x = layer(x, src_mask=self.hidden(kind))
        logits = self.to_logits(self.norm(x)).clone()
        logits[:, :self.t, self.own:] = torch.finfo(torch.float32).min
        logits[:, self.t:, :self.own] = torch.finfo(torch.float32).min
        loss_text = F.cross_entropy(logits[:, :self.t].transpose(1, 2), text)
        loss_image = F.cross_entropy(logits[:, self.t:].transpose(1, 2), image + self.own)
        return dict(logits=logits, loss_text=loss_text, loss_image=loss_image, loss=(loss_text + self.weight * loss_image) / (1 + self.weight))


def lively(module):
    """Biases that aren't zeros."""
    with torch.no_grad():
        for name, p in module.named_parameters():
            if p.dim() == 1:
                p.add_(torch.randn_like(p) * 0.1)
    return module


def gradients(out, module):
    out["loss"].backward()
    # A key's bias moves no softmax: its gradient is 0 but for rounding.
    return out | {f"grad.{k}": p.grad for k, p in module.named_parameters() if p.grad is not None and "in_proj_bias" not in k}


def forward(name, model, config, module, inputs, atol=2e-5):
    from case import Case

    def compute(m, given):
        return gradients(m(**{k: v for k, v in given.items() if not k.startswith("cotangent.")}), m)

    return Case(name, "forward", model, config, lively(module), inputs, compute, "eval", atol=atol)


def steps(name, model, config, module, inputs, rate=1e-3):
    import case

    def compute(m, given):
        out = case.train(m, lambda i: m(**i)["loss"], torch.optim.Adam(m.parameters(), lr=rate, eps=1e-4), given)
        return {k: v for k, v in out.items() if not (k.startswith("grad.") and "in_proj_bias" in k)}

    return case.Case(name, "step", model, config | dict(lr=rate, eps=1e-4), lively(module), inputs, compute, **case.STEPS)


def halves(vocab=12, n_hid=4, n_init=8, blocks=1, groups=3, channels=3, width=None):
    both = dict(n_hid=n_hid, n_blk_per_group=blocks, group_count=groups, vocab_size=vocab, size=8)
    if width:
        both["code_width"] = width
    return dict(encoder=both | dict(input_channels=channels), decoder=both | dict(output_channels=channels, n_init=n_init))


def gumbel(*dims):
    return -torch.log(-torch.log(torch.rand(*dims).clamp(1e-6, 1 - 1e-6)))


def dvae(name, count=0, **sizes):
    config = halves(**sizes) | dict(temperature=0.8, kl_weight=0.3)
    side, lead = 8 >> (config["encoder"]["group_count"] - 1), (count,) if count else ()
    inputs = dict(x=torch.rand(*lead, 2, 3, 8, 8), gumbel=gumbel(*lead, 2, config["encoder"]["vocab_size"], side, side))
    return (steps if count else forward)(name, "dalle.dvae", config, DVAE(**config), inputs)


def vqvae(name, count=0, **sizes):
    config = halves(width=5, **sizes) | dict(commitment=0.5)
    lead = (count,) if count else ()
    inputs = dict(x=torch.rand(*lead, 2, 3, 8, 8))
    module = VQVAE(**config)
    if count:
        inputs["noise"] = torch.rand(count, config["encoder"]["vocab_size"])
        module.codebook.count.uniform_(0.1, 1)
        return steps(name, "dalle.vqvae", config, module, inputs)
    return forward(name, "dalle.vqvae", config, module, inputs)


def transformer(name, count=0, batch=2, **sizes):
    config = dict(dim=8, depth=2, heads=2, num_text_tokens=9, text_seq_len=4, num_image_tokens=7, image_size=3, attention="full", loss_img_weight=7) | sizes
    lead = (count,) if count else ()
    inputs = dict(text=torch.randint(config["num_text_tokens"], (*lead, batch, config["text_seq_len"])),
                  image=torch.randint(config["num_image_tokens"], (*lead, batch, config["image_size"]**2)))
    inputs["text"][..., 0, -2:] = 0  # a caption that ends early
    if not count:
        inputs["cotangent.loss"] = torch.tensor(1.0)
    return (steps if count else forward)(name, "dalle.transformer", config, DALLETransformer(**config), inputs)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    yield settled(dvae, "dvae")
    yield settled(dvae, "dvae-steps", 2)
    yield settled(vqvae, "vqvae", groups=2)
    yield settled(vqvae, "vqvae-steps", 3, groups=2)
    yield settled(transformer, "transformer", depth=4, attention=["full", "row", "column", "conv"])
    yield settled(transformer, "transformer-conv", attention="conv", image_size=4, loss_img_weight=3)
    yield settled(transformer, "transformer-steps", 3)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    sizes = dict(vocab=r.randint(4, 20), n_hid=4 * r.randint(1, 3), n_init=r.randint(4, 10), blocks=r.randint(1, 2), groups=r.randint(1, 4))
    yield settled(dvae, "dvae", **sizes)
    yield settled(dvae, "dvae-steps", r.randint(1, 3), **sizes)
    yield settled(vqvae, "vqvae-steps", r.randint(1, 3), **sizes)
    depth = r.randint(1, 4)
    yield settled(transformer, "transformer", depth=depth, image_size=r.randint(2, 5), text_seq_len=r.randint(1, 6),
                  attention=[r.choice(["full", "row", "column", "conv"]) for _ in range(depth)])


def further(testdata):
    """What PyTorch prints."""
    folder = testdata / "print"
    folder.mkdir(exist_ok=True)
    # Of openai/DALL-E's sizes; the transformer's are the declaration's.
    (folder / "dalle.encoder.txt").write_text(f"{Encoder(n_hid=256, n_blk_per_group=2, input_channels=3, vocab_size=8192)}\n")
    (folder / "dalle.decoder.txt").write_text(f"{Decoder(n_hid=256, n_blk_per_group=2, output_channels=3, vocab_size=8192, n_init=128)}\n")


def torch_side(case):
    """A training step; what it measures, in genlab's order."""
    if case.name.startswith("dvae"):
        both = dict(n_hid=case.hidden, n_blk_per_group=1, group_count=3, vocab_size=case.codes)
        module = DVAE(both | dict(input_channels=3), both | dict(output_channels=3, n_init=case.first), temperature=1, kl_weight=0)
        rate, names, given = 3e-3, ("loss", "recon", "kl"), ("x", "gumbel")
    else:
        module = DALLETransformer(case.embed, case.layers, case.heads, case.words, case.text, case.codes, case.side)
        rate, names, given = 1e-3, ("loss", "loss_text", "loss_image"), ("text", "image")
    module.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")
    inputs = [inputs[k].long() if k in ("text", "image") else inputs[k] for k in given]
    adam = torch.optim.Adam(module.parameters(), lr=rate)
    run = case.compiled(lambda: module(*inputs))

    def step():
        adam.zero_grad()
        out = run()
        out["loss"].backward()
        adam.step()
        return [out[k].item() for k in names]

    return step


def jax_side(case):
    """There is none yet."""
    return None
