"""The Vision Transformer in PyTorch and JAX: parity's cases, and the bench's sides.

The class has the names that Hugging Face publishes ViT's weights under, which transformers 5 has no longer in memory, and the options of
DeiT and DINOv2 in one place; agrees() holds it against the classes of transformers.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {"gelu": nn.GELU, "gelu_new": lambda: nn.GELU("tanh"), "relu": nn.ReLU}


class ViTPatchEmbeddings(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.projection = nn.Conv2d(c["num_channels"], c["hidden_size"], kernel_size=c["patch_size"], stride=c["patch_size"])


class ViTEmbeddings(nn.Module):
    def __init__(self, c):
        super().__init__()
        embed, self.grid, self.kind = c["hidden_size"], c["image_size"] // c["patch_size"], c["positions"]
        self.has_class, self.distilled, self.registers = c["pool"] == "class", c["distilled"], c["num_register_tokens"]
        self.placed = self.has_class + self.distilled

        def tokens(n):
            return nn.Parameter(torch.randn(1, n, embed) * 0.5)

        if self.has_class:
            self.cls_token = tokens(1)
        if self.distilled:
            self.distillation_token = tokens(1)
        if self.registers:
            self.register_tokens = tokens(self.registers)
        if self.kind == "learned":
            self.position_embeddings = tokens(self.placed + self.grid**2)
        self.patch_embeddings = ViTPatchEmbeddings(c)

    def forward(self, x):
        h = self.patch_embeddings.projection(x)
        batch, embed, height, width = h.shape
        h = h.flatten(2).transpose(1, 2)
        first = []
        if self.has_class:
            first.append(self.cls_token)
        if self.distilled:
            first.append(self.distillation_token)
        if self.kind == "sinusoidal":
            h = h + waves(height, width, embed).to(h)
        if self.kind == "learned":
            at = self.position_embeddings[:, self.placed :]
            if (height, width) != (self.grid, self.grid):
                square = at.reshape(1, self.grid, self.grid, embed).permute(0, 3, 1, 2)
                at = F.interpolate(square, size=(height, width), mode="bicubic", align_corners=False).flatten(2).transpose(1, 2)
            h = h + at
            first = [t + self.position_embeddings[:, i : i + 1] for i, t in enumerate(first)]
        if self.registers:
            first.append(self.register_tokens)
        return torch.cat([t.expand(batch, -1, -1) for t in first] + [h], 1)


def waves(height, width, embed):
    """big_vision's posemb_sincos_2d."""
    y, x = torch.meshgrid(torch.arange(height, dtype=torch.float64), torch.arange(width, dtype=torch.float64), indexing="ij")
    omega = 1 / 10000 ** (torch.arange(embed // 4, dtype=torch.float64) / (embed // 4 - 1))
    y, x = y.flatten()[:, None] * omega, x.flatten()[:, None] * omega
    return torch.cat([x.sin(), x.cos(), y.sin(), y.cos()], 1)


class ViTSelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads = c["num_attention_heads"]
        for name in "query", "key", "value":
            setattr(self, name, nn.Linear(c["hidden_size"], c["hidden_size"], bias=c["qkv_bias"]))

    def forward(self, x, eager):
        q, k, v = (f(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for f in (self.query, self.key, self.value))
        if not eager:
            return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2), None
        weights = (q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])).softmax(-1)
        return (weights @ v).transpose(1, 2).flatten(2), weights


class ViTOutput(nn.Module):
    def __init__(self, wide, embed):
        super().__init__()
        self.dense = nn.Linear(wide, embed)


class ViTAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention = ViTSelfAttention(c)
        self.output = ViTOutput(c["hidden_size"], c["hidden_size"])


class ViTIntermediate(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.dense = nn.Linear(c["hidden_size"], c["intermediate_size"])
        self.intermediate_act_fn = ACTIVATIONS[c["hidden_act"]]()


class ViTLayerScale(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.lambda1 = nn.Parameter(c["layerscale_value"] * torch.ones(c["hidden_size"]))

    def forward(self, x):
        return x * self.lambda1


class ViTLayer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention = ViTAttention(c)
        if c["layerscale_value"]:
            self.layer_scale1 = ViTLayerScale(c)
        self.intermediate = ViTIntermediate(c)
        self.output = ViTOutput(c["intermediate_size"], c["hidden_size"])
        if c["layerscale_value"]:
            self.layer_scale2 = ViTLayerScale(c)
        self.layernorm_before = nn.LayerNorm(c["hidden_size"], eps=c["layer_norm_eps"])
        self.layernorm_after = nn.LayerNorm(c["hidden_size"], eps=c["layer_norm_eps"])

    def forward(self, x, eager):
        scale1, scale2 = getattr(self, "layer_scale1", lambda y: y), getattr(self, "layer_scale2", lambda y: y)
        mixed, weights = self.attention.attention(self.layernorm_before(x), eager)
        x = x + scale1(self.attention.output.dense(mixed))
        h = self.intermediate.intermediate_act_fn(self.intermediate.dense(self.layernorm_after(x)))
        return x + scale2(self.output.dense(h)), weights


class ViTEncoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.layer = nn.ModuleList([ViTLayer(c) for _ in range(c["num_hidden_layers"])])


class ViTModel(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embeddings = ViTEmbeddings(c)
        self.encoder = ViTEncoder(c)
        self.layernorm = nn.LayerNorm(c["hidden_size"], eps=c["layer_norm_eps"])


BASE = dict(
    image_size=224, patch_size=16, num_channels=3, hidden_size=768, num_hidden_layers=12, num_attention_heads=12, intermediate_size=3072,
    num_labels=2, hidden_act="gelu", layer_norm_eps=1e-12, qkv_bias=True, pool="class", positions="learned", distilled=False,
    num_register_tokens=0, layerscale_value=0.0,
)


class ViTForImageClassification(nn.Module):
    def __init__(self, **changed):
        super().__init__()
        changed.pop("interpolate_pos_encoding", None)
        c = BASE | changed
        assert c.keys() == BASE.keys(), changed
        self.mean = c["pool"] == "mean"
        self.vit = ViTModel(c)
        self.classifier = nn.Linear(c["hidden_size"], c["num_labels"])
        if c["distilled"]:
            self.distillation_classifier = nn.Linear(c["hidden_size"], c["num_labels"])

    def forward(self, x, eager=True):
        """Everything that comes out; the attentions are there when eager."""
        h = self.vit.embeddings(x)
        hidden, attentions = [h], []
        for layer in self.vit.encoder.layer:
            h, weights = layer(h, eager)
            hidden.append(h)
            attentions.append(weights)
        out = dict(hidden_states=torch.stack(hidden))
        if eager:
            out["attentions"] = torch.stack(attentions)
        h = self.vit.layernorm(h)
        if self.mean:
            return out | dict(logits=self.classifier(h[:, self.vit.embeddings.registers :].mean(1)))
        logits = self.classifier(h[:, 0])
        if not hasattr(self, "distillation_classifier"):
            return out | dict(logits=logits)
        teacher = self.distillation_classifier(h[:, 1])
        return out | dict(cls_logits=logits, distillation_logits=teacher, logits=(logits + teacher) / 2)


def agrees(config):
    """Holds the class against that of transformers which has the config's options, on the same weights."""
    import re
    import transformers as t
    config = BASE | config
    common = {k: v for k, v in config.items() if k not in ("pool", "positions", "distilled", "num_register_tokens", "layerscale_value")}
    mine, big = ViTForImageClassification(**config).eval(), config["image_size"] + 2 * config["patch_size"]
    rules = [(r"\.encoder\.layer\.", ".layers."), (r"attention\.attention\.(.)\w+", r"attention.\1_proj"), (r"attention\.output\.dense", "attention.o_proj"),
             (r"intermediate\.dense", "mlp.fc1"), (r"output\.dense", "mlp.fc2")]
    if config["distilled"]:
        other, rules = t.DeiTForImageClassificationWithTeacher(t.DeiTConfig(**common)), rules + [(r"^vit\.", "deit."), (r"^classifier", "cls_classifier")]
    elif config["num_register_tokens"] or config["layerscale_value"]:
        common["mlp_ratio"] = common.pop("intermediate_size") // common["hidden_size"]
        other = t.Dinov2WithRegistersModel(t.Dinov2WithRegistersConfig(
            **common, num_register_tokens=config["num_register_tokens"], layerscale_value=config["layerscale_value"]))
        rules = [(r"^vit\.", ""), (r"intermediate\.dense", "mlp.fc1"), (r"(\d)\.output\.dense", r"\1.mlp.fc2"), (r"layernorm_before", "norm1"), (r"layernorm_after", "norm2")]
        names = [k for k in other.state_dict() if "attention" in k]
        if any("q_proj" in k for k in names):
            rules += [(r"attention\.attention\.(.)\w+", r"attention.\1_proj"), (r"attention\.output\.dense", "attention.o_proj")]
    else:
        other = t.ViTForImageClassification(t.ViTConfig(**common))
    weights = {}
    for k, v in mine.state_dict().items():
        for pattern, to in rules:
            k = re.sub(pattern, to, k)
        weights[k] = v
    missing, unknown = other.load_state_dict(weights, strict=False)
    assert not [k for k in missing if "mask_token" not in k] and all("classifier" in k for k in unknown), (missing, unknown)
    for size in config["image_size"], big:
        if size == big and "Dinov2" in type(other).__name__:
            continue  # DINOv2's positions are resized with antialiasing
        x = torch.randn(2, config["num_channels"], size, size)
        more = {} if "Dinov2" in type(other).__name__ else dict(interpolate_pos_encoding=True)
        with torch.no_grad():
            theirs, ours = other.eval()(pixel_values=x, **more), mine(x)
            want, got = (theirs.logits, ours["logits"]) if "logits" in theirs else (theirs.last_hidden_state, mine.vit.layernorm(ours["hidden_states"][-1]))
        assert torch.allclose(want, got, rtol=1e-4, atol=1e-5), (type(other).__name__, (want - got).abs().max())


def lively(model):
    """Weights that tell tokens apart."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("weight") and p.dim() == 1:
                p.uniform_(0.5, 1.5)
            elif "lambda1" in name:
                p.uniform_(-1, 1)
            elif p.dim() >= 2:
                p.mul_(1.5)
    return model


def forward(name, config, batch, size=None):
    from case import Case

    def compute(model, inputs):
        x = inputs["pixel_values"].clone().requires_grad_()
        out = model(x)
        (out["logits"] * inputs["cotangent.logits"]).sum().backward()
        grads = {f"grad.{k}": p.grad for k, p in model.named_parameters() if ".key.bias" not in k}  # that is 0 but for rounding
        return out | grads | {"grad_in.pixel_values": x.grad}

    height, width = size or (config["image_size"],) * 2
    inputs = {"pixel_values": torch.randn(batch, config["num_channels"], height, width), "cotangent.logits": torch.randn(batch, config["num_labels"])}
    given = config | dict(interpolate_pos_encoding=True) if size else config
    return Case(name, "forward", "vit", given, lively(ViTForImageClassification(**config)), inputs, compute, "eval", atol=1e-4)


def steps(name, config, count, batch, lr, weight_decay, label_smoothing=0.0, warm_up=0, steps=0):
    import case

    def compute(model, inputs):
        small = [p for k, p in model.named_parameters() if not matrix(k, p)]
        large = [p for k, p in model.named_parameters() if matrix(k, p)]
        adam = torch.optim.AdamW([dict(params=large), dict(params=small, weight_decay=0)], lr=lr, weight_decay=weight_decay, eps=1e-4)
        done = 0

        def schedule():
            nonlocal done
            rate = lr
            if steps:  # nanoGPT's
                share = (done - warm_up) / (steps - warm_up)
                rate = lr * (done + 1) / (warm_up + 1) if done < warm_up else lr * 0.5 * (1 + math.cos(math.pi * min(share, 1)))
            for group in adam.param_groups:
                group["lr"] = rate
            done += 1

        def loss(given):
            out = model(given["pixel_values"])
            if "teacher" not in given:
                return F.cross_entropy(out["logits"], given["labels"], label_smoothing=label_smoothing)
            own = F.cross_entropy(out["cls_logits"], given["labels"], label_smoothing=label_smoothing)
            return (own + F.cross_entropy(out["distillation_logits"], given["teacher"])) / 2

        schedule()
        out = case.train(model, loss, adam, inputs, after=schedule)
        return {k: v for k, v in out.items() if not (k.startswith("grad.") and k.endswith(".key.bias"))}

    side = config["image_size"]
    inputs = dict(pixel_values=torch.randn(count, batch, config["num_channels"], side, side), labels=torch.randint(config["num_labels"], (count, batch)))
    if config.get("distilled"):
        inputs["teacher"] = torch.randint(config["num_labels"], (count, batch))
    given = config | dict(lr=lr, weight_decay=weight_decay, label_smoothing=label_smoothing, warm_up=warm_up, steps=steps, eps=1e-4)
    return case.Case(name, "step", "vit", given, lively(ViTForImageClassification(**config)), inputs, compute, **case.STEPS)


def matrix(name, p):
    """What decays: neither tokens nor positions, neither biases nor scales."""
    return p.dim() >= 2 and "token" not in name and "position" not in name


SMALL = dict(image_size=8, patch_size=4, num_channels=3, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, num_labels=3)
DEIT = SMALL | dict(distilled=True, qkv_bias=False, hidden_act="gelu_new")
DINO = SMALL | dict(num_register_tokens=3, layerscale_value=0.5, layer_norm_eps=1e-6)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    for config in SMALL, DEIT, DINO:
        agrees(config)
    yield settled(forward, "vit-forward", SMALL, 3)
    yield settled(forward, "vit-larger", SMALL | dict(num_channels=1, hidden_act="relu"), 2, size=(16, 12))
    yield settled(forward, "vit-distilled", DEIT, 2)
    yield settled(forward, "vit-registers", DINO, 2, size=(12, 8))
    yield settled(forward, "vit-mean-waves", SMALL | dict(pool="mean", positions="sinusoidal"), 2, size=(4, 12))
    yield settled(forward, "vit-mean-registers", DINO | dict(pool="mean", positions="none"), 2)
    yield settled(steps, "vit-steps", SMALL, 4, 4, 1e-3, 0.1, label_smoothing=0.1, warm_up=2, steps=5)
    yield settled(steps, "vit-distilled-steps", DEIT, 2, 4, 1e-3, 0.05, label_smoothing=0.2)


def further(testdata):
    """What PyTorch prints; its later versions say of a layer norm that it has a bias, too."""
    text = str(ViTForImageClassification())
    if "bias=True" not in str(nn.LayerNorm(1)):
        text = text.replace("elementwise_affine=True", "elementwise_affine=True, bias=True")
    (testdata / "print/vit.txt").write_text(text + "\n")
    pretrained(testdata / "pretrained")


def pretrained(folder):
    """Folders as transformers' save_pretrained writes them, and what its classes make of some pictures."""
    import transformers as t
    from safetensors.torch import save_file
    sizes = {k: v for k, v in SMALL.items() if k != "num_labels"} | dict(id2label={0: "a cat", 1: "a dog", 2: "a bird"})
    for name, model in dict(
        vit=t.ViTForImageClassification(t.ViTConfig(**sizes)), deit=t.DeiTForImageClassificationWithTeacher(t.DeiTConfig(**sizes))
    ).items():
        x = torch.randn(2, 3, sizes["image_size"], sizes["image_size"])
        lively(model).eval().save_pretrained(folder / name)
        model.set_attn_implementation("eager")
        with torch.no_grad():
            out = model(pixel_values=x, output_attentions=True)
        made = dict(pixel_values=x, logits=out.logits)
        if name == "vit":
            made["rollout"] = rollout(out.attentions)
            positions = F.normalize(model.vit.embeddings.position_embeddings.detach()[0, 1:], dim=1)
            made["similarity"] = positions @ positions.T
        save_file(made, folder / name / "expected.safetensors")


def rollout(attentions):
    """Abnar & Zuidema's, of the class's token over the patches."""
    flow = torch.eye(attentions[0].shape[-1])
    for weights in attentions:
        flow = (weights.mean(1) + torch.eye(weights.shape[-1])) / 2 @ flow
    return flow[:, 0, 1:].contiguous()


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    heads, patch, grid = r.randint(1, 4), r.randint(1, 5), r.randint(1, 4)
    pool = r.choice(["class", "mean"])
    config = dict(
        image_size=patch * grid, patch_size=patch, num_channels=r.randint(1, 3), hidden_size=heads * 4 * r.randint(2, 4),
        num_hidden_layers=r.randint(1, 3), num_attention_heads=heads, intermediate_size=r.randint(1, 40), num_labels=r.randint(2, 9),
        hidden_act=r.choice(list(ACTIVATIONS)), layer_norm_eps=1e-6, qkv_bias=r.choice([True, False]), pool=pool,
        positions=r.choice(["learned", "sinusoidal", "none"]), distilled=pool == "class" and r.choice([True, False]),
        num_register_tokens=r.randint(0, 3), layerscale_value=r.choice([0.0, 0.1]))
    size = r.choice([None, (patch * r.randint(1, 5), patch * r.randint(1, 5))])
    yield settled(forward, "vit", config, r.randint(1, 4), size)
    yield settled(steps, "vit-steps", config, r.randint(1, 3), r.randint(2, 5), r.choice([1e-3, 3e-4]), r.choice([0.0, 0.1]), r.choice([0.0, 0.1]), 1, 4)


def torch_side(case):
    import sides
    model = ViTForImageClassification(
        image_size=case.image, patch_size=case.patch, hidden_size=case.embed, num_hidden_layers=case.layers, num_attention_heads=case.heads,
        intermediate_size=4 * case.embed, num_labels=10)
    model.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")
    x, labels = inputs["pixel_values"], inputs["labels"].long()
    adam = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0)
    return sides.torch_step(case, adam, lambda: F.cross_entropy(model(x, eager=False)["logits"], labels))


def jax_side(case):
    import jax
    import jax.numpy as jnp
    import optax
    from sides import jax_step, layer_norm, linear

    def loss(w, i):
        p, embed, e = case.patch, case.embed, "vit.embeddings."
        x = i["pixel_values"]
        batch, channels, side, _ = x.shape
        n = side // p
        x = x.reshape(batch, channels, n, p, n, p).transpose(0, 2, 4, 1, 3, 5).reshape(batch, n * n, -1)
        h = x @ w[e + "patch_embeddings.projection.weight"].reshape(embed, -1).T + w[e + "patch_embeddings.projection.bias"]
        h = jnp.concatenate([jnp.broadcast_to(w[e + "cls_token"], (batch, 1, embed)), h], 1) + w[e + "position_embeddings"]
        for k in range(case.layers):
            at = f"vit.encoder.layer.{k}."
            y = layer_norm(w, at + "layernorm_before", h, 1e-12)
            q, k_, v = (linear(w, f"{at}attention.attention.{name}", y).reshape(batch, n * n + 1, case.heads, -1) for name in ("query", "key", "value"))
            weights = jax.nn.softmax(jnp.einsum("bqhd,bkhd->bhqk", q, k_) / math.sqrt(q.shape[-1]))
            h = h + linear(w, at + "attention.output.dense", jnp.einsum("bhqk,bkhd->bqhd", weights, v).reshape(h.shape))
            y = jax.nn.gelu(linear(w, at + "intermediate.dense", layer_norm(w, at + "layernorm_after", h, 1e-12)), approximate=False)
            h = h + linear(w, at + "output.dense", y)
        logits = linear(w, "classifier", layer_norm(w, "vit.layernorm", h, 1e-12)[:, 0])
        return optax.softmax_cross_entropy_with_integer_labels(logits, i["labels"]).mean()

    return jax_step(case, optax.adam(2e-3), loss)
