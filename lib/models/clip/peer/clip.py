"""CLIP in PyTorch, with openai/CLIP's names (clip/model.py): parity's cases. agrees() holds the class against transformers' CLIPModel."""
import collections
import math

import torch
from torch import nn
from torch.nn import functional as F


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class ResidualAttentionBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attn, self.ln_1 = nn.MultiheadAttention(width, heads, batch_first=True), nn.LayerNorm(width)
        self.mlp = nn.Sequential(collections.OrderedDict(c_fc=nn.Linear(width, 4 * width), gelu=QuickGELU(), c_proj=nn.Linear(4 * width, width)))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x, mask):
        h = self.ln_1(x)
        x = x + self.attn(h, h, h, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width, layers, heads):
        super().__init__()
        self.resblocks = nn.ModuleList(ResidualAttentionBlock(width, heads) for _ in range(layers))

    def forward(self, x, mask=None):
        for block in self.resblocks:
            x = block(x, mask)
        return x


class VisionTransformer(nn.Module):
    def __init__(self, c):
        super().__init__()
        width, patch = c["vision_width"], c["vision_patch_size"]
        self.class_embedding = nn.Parameter(torch.randn(width) / math.sqrt(width))
        self.positional_embedding = nn.Parameter(torch.randn((c["image_resolution"] // patch)**2 + 1, width) / math.sqrt(width))
        self.proj = nn.Parameter(torch.randn(width, c["embed_dim"]) / math.sqrt(width))
        self.conv1 = nn.Conv2d(c["channels"], width, kernel_size=patch, stride=patch, bias=False)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, c["vision_layers"], c["vision_heads"])
        self.ln_post = nn.LayerNorm(width)

    def forward(self, x):
        h = self.conv1(x).flatten(2).transpose(1, 2)
        h = torch.cat([self.class_embedding.expand(len(x), 1, -1), h], 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(h))[:, 0]) @ self.proj


class CLIP(nn.Module):
    def __init__(self, **c):
        super().__init__()
        width = c["transformer_width"]
        self.positional_embedding = nn.Parameter(torch.randn(c["context_length"], width) * 0.1)
        self.text_projection = nn.Parameter(torch.randn(width, c["embed_dim"]) / math.sqrt(width))
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))
        self.visual = VisionTransformer(c)
        self.transformer = Transformer(width, c["transformer_layers"], c["transformer_heads"])
        self.token_embedding = nn.Embedding(c["vocab_size"], width)
        self.ln_final = nn.LayerNorm(width)

    def forward(self, image, text):
        length = text.shape[1]
        mask = torch.full((length, length), -math.inf, dtype=image.dtype).triu(1)
        h = self.ln_final(self.transformer(self.token_embedding(text) + self.positional_embedding, mask))
        texts = F.normalize(h[torch.arange(len(text)), text.argmax(-1)] @ self.text_projection, dim=-1)
        pictures = F.normalize(self.visual(image), dim=-1)
        logits = self.logit_scale.exp().clamp(max=100) * pictures @ texts.T
        own = torch.arange(len(text))
        loss = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
        return dict(image_embeds=pictures, text_embeds=texts, logits_per_image=logits, loss=loss)


BASE = dict(embed_dim=6, image_resolution=8, channels=3, vision_patch_size=4, vision_width=8, vision_heads=2, vision_layers=2,
            context_length=5, vocab_size=11, transformer_width=12, transformer_heads=3, transformer_layers=2)


def agrees(config=BASE):
    """Holds the class against transformers' on the same weights."""
    import transformers as t
    mine = CLIP(**config).eval()
    both = dict(hidden_act="quick_gelu", attention_dropout=0.0, projection_dim=config["embed_dim"])
    text = dict(vocab_size=config["vocab_size"], hidden_size=config["transformer_width"], intermediate_size=4 * config["transformer_width"],
                num_hidden_layers=config["transformer_layers"], num_attention_heads=config["transformer_heads"],
                max_position_embeddings=config["context_length"], eos_token_id=config["vocab_size"] - 1, bos_token_id=1, pad_token_id=0, **both)
    vision = dict(hidden_size=config["vision_width"], intermediate_size=4 * config["vision_width"], num_hidden_layers=config["vision_layers"],
                  num_attention_heads=config["vision_heads"], image_size=config["image_resolution"], patch_size=config["vision_patch_size"], **both)
    other = t.CLIPModel(t.CLIPConfig(text_config=text, vision_config=vision, projection_dim=config["embed_dim"])).eval()
    weights, own = {}, mine.state_dict()
    put = weights.__setitem__
    for side, prefix in ("vision_model", "visual.transformer"), ("text_model", "transformer"):
        for k, v in own.items():
            if not k.startswith(prefix + ".resblocks."):
                continue
            layer, rest = k[len(prefix) + 11:].split(".", 1)
            to = f"{side}.encoder.layers.{layer}."
            if "in_proj" in rest:
                for part, value in zip("qkv", v.chunk(3)):
                    put(f"{to}self_attn.{part}_proj.{rest[-6:].lstrip('_')}" if rest.endswith("weight") else f"{to}self_attn.{part}_proj.bias", value)
                continue
            for a, b in ("attn.out_proj", "self_attn.out_proj"), ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"), ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2"):
                rest = rest.replace(a, b)
            put(to + rest, v)
    for a, b in [("logit_scale", "logit_scale"), ("token_embedding.weight", "text_model.embeddings.token_embedding.weight"),
                 ("positional_embedding", "text_model.embeddings.position_embedding.weight"), ("ln_final.weight", "text_model.final_layer_norm.weight"),
                 ("ln_final.bias", "text_model.final_layer_norm.bias"), ("visual.class_embedding", "vision_model.embeddings.class_embedding"),
                 ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
                 ("visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"), ("visual.ln_pre.weight", "vision_model.pre_layrnorm.weight"),
                 ("visual.ln_pre.bias", "vision_model.pre_layrnorm.bias"), ("visual.ln_post.weight", "vision_model.post_layernorm.weight"),
                 ("visual.ln_post.bias", "vision_model.post_layernorm.bias")]:
        put(b, own[a])
    put("text_projection.weight", own["text_projection"].T)
    put("visual_projection.weight", own["visual.proj"].T)
    missing, unknown = other.load_state_dict(weights, strict=False)
    assert not unknown and all("position_ids" in k for k in missing), (missing, unknown)
    given = drawn(config, 3)
    with torch.no_grad():
        theirs, ours = other(pixel_values=given["image"], input_ids=given["text"], return_loss=True), mine(**given)
    for a, b in (theirs.logits_per_image, ours["logits_per_image"]), (theirs.loss, ours["loss"]), (theirs.text_embeds, ours["text_embeds"]):
        assert torch.allclose(a, b, rtol=1e-4, atol=1e-5), (a - b).abs().max()


def drawn(c, batch, *lead):
    """Pictures, and texts whose last token, the end, stands somewhere, with padding behind."""
    text = torch.randint(1, c["vocab_size"] - 1, (*lead, batch, c["context_length"]))
    end = torch.randint(1, c["context_length"], (*lead, batch, 1))
    places = torch.arange(c["context_length"]).expand_as(text)
    text = torch.where(places < end, text, torch.where(places == end, c["vocab_size"] - 1, 0))
    return dict(image=torch.randn(*lead, batch, c["channels"], c["image_resolution"], c["image_resolution"]), text=text)


def lively(module):
    """Biases that aren't zeros, norms that scale."""
    with torch.no_grad():
        for name, p in module.named_parameters():
            if p.dim() == 1:
                p.add_(torch.randn_like(p) * 0.2)
    return module


def known(out):
    """Without what is 0 but for rounding."""
    return {k: v for k, v in out.items() if not (k.startswith("grad.") and "in_proj_bias" in k)}


def forward(name, config, batch):
    from case import Case

    def compute(m, given):
        out = m(**given)
        out["loss"].backward()
        return known(out | {f"grad.{k}": p.grad for k, p in m.named_parameters()})

    return Case(name, "forward", "clip", config, lively(CLIP(**config)), drawn(config, batch), compute, "eval", atol=1e-4)


def steps(name, config, count, batch, weight_decay):
    import case

    def compute(m, given):
        small, large = [p for p in m.parameters() if p.dim() < 2], [p for p in m.parameters() if p.dim() >= 2]
        adam = torch.optim.AdamW([dict(params=large), dict(params=small, weight_decay=0)], lr=1e-3, betas=(0.9, 0.98), eps=1e-4, weight_decay=weight_decay)
        return known(case.train(m, lambda i: m(**i)["loss"], adam, given))

    given = config | dict(lr=1e-3, eps=1e-4, weight_decay=weight_decay)
    return case.Case(name, "step", "clip", given, lively(CLIP(**config)), drawn(config, batch, count), compute, **case.STEPS)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    agrees()
    yield settled(forward, "clip", BASE, 4)
    yield settled(steps, "clip-steps", BASE, 3, 4, 0.2)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    heads = r.randint(1, 3)
    config = BASE | dict(embed_dim=r.randint(3, 9), vision_layers=r.randint(1, 3), transformer_layers=r.randint(1, 3), context_length=r.randint(3, 8),
                         transformer_heads=heads, transformer_width=4 * heads)
    yield settled(forward, "clip", config, r.randint(2, 5))
    yield settled(steps, "clip-steps", config, r.randint(1, 3), r.randint(2, 4), r.choice([0.0, 0.3]))


def further(testdata):
    """What PyTorch prints."""
    folder = testdata / "print"
    folder.mkdir(exist_ok=True)
    c = dict(embed_dim=64, image_resolution=32, channels=3, vision_patch_size=4, vision_width=96, vision_heads=4, vision_layers=3, context_length=13,
             vocab_size=49408, transformer_width=64, transformer_heads=4, transformer_layers=2)
    text = str(CLIP(**c))
    if "bias=True" not in str(nn.LayerNorm(1)):  # later versions say that it has one
        text = text.replace("elementwise_affine=True", "elementwise_affine=True, bias=True")
    (folder / "clip.txt").write_text(text + "\n")
