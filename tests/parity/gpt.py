"""Hugging Face's GPT-2, a nanoGPT-style GPT with the options that came after it, and their cases.

Where transformers is installed, its GPT2LMHeadModel and LlamaForCausalLM confirm each case as it is made."""
import math

import torch
from torch import nn
from torch.nn import functional as F

import case
from case import Case, settled


class Conv1D(nn.Module):
    """A linear layer with its weight as [in, out]."""

    def __init__(self, nx, nf, bias):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(nx, nf) * 0.2)
        self.register_parameter("bias", nn.Parameter(torch.randn(nf) * 0.2) if bias else None)

    def forward(self, x):
        y = x @ self.weight
        return y if self.bias is None else y + self.bias


class LayerNorm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.eps = c["layer_norm_epsilon"]
        self.weight = nn.Parameter(1 + 0.2 * torch.randn(c["n_embd"]))
        self.register_parameter("bias", nn.Parameter(torch.randn(c["n_embd"]) * 0.2) if c["bias"] else None)

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)


class RMSNorm(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.eps = c["layer_norm_epsilon"]
        self.weight = nn.Parameter(1 + 0.2 * torch.randn(c["n_embd"]))

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


NORMS = dict(layer=LayerNorm, rms=RMSNorm)


def rotate(x, theta):
    """x: [batch, heads, length, dim]; Llama's halves."""
    half = x.shape[-1] // 2
    angles = torch.arange(x.shape[2])[:, None] * theta ** (-torch.arange(half) / half)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()], -1)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c, self.dim = c, c["n_embd"] // c["n_head"]
        self.c_attn = Conv1D(c["n_embd"], c["n_embd"] + 2 * c["n_kv_head"] * self.dim, c["bias"])
        self.c_proj = Conv1D(c["n_embd"], c["n_embd"], c["bias"])

    def forward(self, x):
        c, (batch, length, embed) = self.c, x.shape
        q, k, v = self.c_attn(x).split([embed] + 2 * [c["n_kv_head"] * self.dim], 2)
        q, k, v = (t.view(batch, length, -1, self.dim).transpose(1, 2) for t in (q, k, v))
        if c["positions"] == "rotary":
            q, k = rotate(q, c["rope_theta"]), rotate(k, c["rope_theta"])
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        return self.c_proj(out.transpose(1, 2).reshape(batch, length, embed))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        if c["mlp"] == "swiglu":
            self.c_gate = Conv1D(c["n_embd"], c["n_inner"], c["bias"])
        self.c_fc = Conv1D(c["n_embd"], c["n_inner"], c["bias"])
        self.c_proj = Conv1D(c["n_inner"], c["n_embd"], c["bias"])

    def forward(self, x):
        if hasattr(self, "c_gate"):
            return self.c_proj(F.silu(self.c_gate(x)) * self.c_fc(x))
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.ln_1, self.attn = NORMS[c["norm"]](c), Attention(c)
        self.ln_2, self.mlp = NORMS[c["norm"]](c), MLP(c)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.wte = nn.Embedding(c["vocab_size"], c["n_embd"])
        if c["positions"] == "learned":
            self.wpe = nn.Embedding(c["n_positions"], c["n_embd"])
        self.h = nn.ModuleList(Block(c) for _ in range(c["n_layer"]))
        self.ln_f = NORMS[c["norm"]](c)

    def forward(self, tokens):
        x = self.wte(tokens)
        if hasattr(self, "wpe"):
            x = x + self.wpe.weight[: tokens.shape[1]]
        for block in self.h:
            x = block(x)
        return self.ln_f(x)


class GPT(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.transformer = Transformer(c)
        self.lm_head = nn.Linear(c["n_embd"], c["vocab_size"], bias=False)
        if not c.get("untied"):
            self.lm_head.weight = self.transformer.wte.weight

    def forward(self, tokens):
        return self.lm_head(self.transformer(tokens))


def hugging_face_gpt2(c, model):
    """transformers' GPT-2 with the same weights; None where it isn't installed."""
    try:
        from transformers import GPT2Config, GPT2LMHeadModel
    except ImportError:
        return None
    names = ["vocab_size", "n_positions", "n_layer", "n_head", "n_embd", "n_inner", "layer_norm_epsilon"]
    hf = GPT2LMHeadModel(GPT2Config(**{k: c[k] for k in names}, bos_token_id=0, eos_token_id=0)).eval()
    hf.load_state_dict(model.state_dict())
    return hf


def hugging_face_llama(c, model):
    """transformers' Llama with the same weights; None where it isn't installed."""
    try:
        from transformers import LlamaConfig, LlamaForCausalLM
    except ImportError:
        return None
    hf = LlamaForCausalLM(LlamaConfig(
        vocab_size=c["vocab_size"], hidden_size=c["n_embd"], intermediate_size=c["n_inner"], num_hidden_layers=c["n_layer"],
        num_attention_heads=c["n_head"], num_key_value_heads=c["n_kv_head"], rms_norm_eps=c["layer_norm_epsilon"],
        rope_theta=c["rope_theta"], tie_word_embeddings=False, bos_token_id=0, eos_token_id=0)).eval()
    theirs, ours = {}, model.state_dict()
    for i in range(c["n_layer"]):
        h, to = f"transformer.h.{i}.", f"model.layers.{i}."
        kv = c["n_kv_head"] * c["n_embd"] // c["n_head"]
        for name, w in zip("qkv", ours[h + "attn.c_attn.weight"].split([c["n_embd"], kv, kv], 1)):
            theirs[f"{to}self_attn.{name}_proj.weight"] = w.T
        theirs[to + "self_attn.o_proj.weight"] = ours[h + "attn.c_proj.weight"].T
        for a, b in ("gate", "c_gate"), ("up", "c_fc"), ("down", "c_proj"):
            theirs[f"{to}mlp.{a}_proj.weight"] = ours[f"{h}mlp.{b}.weight"].T
        theirs[to + "input_layernorm.weight"] = ours[h + "ln_1.weight"]
        theirs[to + "post_attention_layernorm.weight"] = ours[h + "ln_2.weight"]
    theirs |= {"model.embed_tokens.weight": ours["transformer.wte.weight"], "model.norm.weight": ours["transformer.ln_f.weight"],
               "lm_head.weight": ours["lm_head.weight"]}
    hf.load_state_dict(theirs)
    return hf


def groups(model, decay):
    """nanoGPT's: matrices decay, vectors don't."""
    params = list(model.parameters())
    return [dict(params=[p for p in params if p.dim() >= 2], weight_decay=decay),
            dict(params=[p for p in params if p.dim() < 2], weight_decay=0.0)]


def rate(c, step):
    """nanoGPT's get_lr, steps counted from 0."""
    if step < c["warmup"]:
        return c["lr"] * (step + 1) / (c["warmup"] + 1)
    share = min(1, (step - c["warmup"]) / (c["total"] - c["warmup"]))
    return c["min_lr"] + 0.5 * (1 + math.cos(math.pi * share)) * (c["lr"] - c["min_lr"])


def forward(name, c, batch, length, confirm=None, mode="eval"):
    case = Case(name, "forward", "gpt", c, GPT(c), dict(x=torch.randint(c["vocab_size"], (batch, length))),
                lambda model, given: dict(logits=model(given["x"])), mode)
    other = confirm and confirm(c, case.module)
    if other:
        with torch.no_grad():
            torch.testing.assert_close(other(case.inputs["x"]).logits, case.expected["logits"], rtol=1e-4, atol=1e-5)
    return case


def steps(name, c, count=6, batch=3, length=9):
    rule = dict(lr=1e-2, min_lr=1e-3, warmup=2, total=5, weight_decay=0.1, clip=0.5, eps=1e-4)

    def compute(model, inputs):
        adam = torch.optim.AdamW(groups(model, rule["weight_decay"]), betas=(0.9, 0.95), eps=rule["eps"])
        losses, norms, expected = [], [], {}
        for k, (x, y) in enumerate(zip(inputs["x"], inputs["y"])):
            for group in adam.param_groups:
                group["lr"] = rate(rule, k)
            adam.zero_grad()
            loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=-1)
            loss.backward()
            if k == 0:
                expected = {f"grad.{n}": p.grad.clone() for n, p in model.named_parameters()}
            norms.append(nn.utils.clip_grad_norm_(model.parameters(), rule["clip"]))
            adam.step()
            losses.append(loss.detach())
        return expected | {"loss": torch.stack(losses), "norm": torch.stack(norms)} | {f"param.{k}": v for k, v in case.state(model).items()}

    x, y = torch.randint(c["vocab_size"], (count, batch, length)), torch.randint(c["vocab_size"], (count, batch, length))
    y[:, -1, length // 2:] = -1
    return Case(name, "step", "gpt", c | rule, GPT(c), dict(x=x, y=y), compute, **case.STEPS)


def go_on(model, x, new, penalty):
    """The likeliest token each time, all computed anew; transformers' repetition penalty."""
    for _ in range(new):
        logits = model(x)[:, -1]
        seen = torch.zeros_like(logits).scatter(1, x, 1.0).bool()
        logits = torch.where(seen, torch.where(logits < 0, logits * penalty, logits / penalty), logits)
        x = torch.cat([x, logits.argmax(-1, keepdim=True)], 1)
    return x


def generate(root, c):
    """What greedy sampling should give, for the tests of lib/models/gpt: no verb of the command's."""
    c = c | dict(n_positions=32)
    model = GPT(c)
    x, expected = torch.randint(c["vocab_size"], (3, 5)), {}
    with torch.no_grad():
        model.transformer.wpe.weight *= 2  # far from a text that repeats itself
        other = hugging_face_gpt2(c, model)
        for name, penalty in ("greedy", 1.0), ("penalty", 1.4):
            out = go_on(model, x, 20, penalty)
            if other:
                theirs = other.generate(x, attention_mask=torch.ones_like(x), max_new_tokens=20, do_sample=False, pad_token_id=0,
                                        eos_token_id=None, repetition_penalty=penalty)
                assert (theirs == out).all()
            expected[name] = out[:, 5:]
    case.write(root, "gpt2-generate", "forward", "gpt.generate", c, case.state(model), dict(x=x), expected, mode="eval")


GPT2 = dict(vocab_size=23, n_positions=12, n_layer=2, n_head=3, n_kv_head=3, n_embd=12, n_inner=20, dropout=0.0, bias=True,
            positions="learned", rope_theta=0, norm="layer", layer_norm_epsilon=1e-5, mlp="gelu")
LLAMA = GPT2 | dict(n_head=4, n_kv_head=2, n_embd=16, bias=False, positions="rotary", rope_theta=500.0, norm="rms",
                    layer_norm_epsilon=1e-6, mlp="swiglu", untied=True)


def make(root):
    for name, c, confirm in [
        ("gpt2", GPT2, hugging_face_gpt2),
        ("gpt-no-bias", GPT2 | dict(bias=False), None),
        ("gpt-rotary", GPT2 | dict(positions="rotary", rope_theta=100.0), None),
        ("gpt-rms", GPT2 | dict(norm="rms"), None),
        ("gpt-swiglu", GPT2 | dict(mlp="swiglu"), None),
        ("gpt-grouped", GPT2 | dict(n_head=4, n_kv_head=2), None),
        ("gpt-llama", LLAMA, hugging_face_llama),
    ]:
        forward(name, c, 4, 11, confirm).write(root)
        if confirm:
            settled(steps, name + "-steps", c).write(root)
    generate(root, GPT2)


def fresh(r):
    """Cases of random sizes."""
    heads, longest = r.randint(1, 3) * 2, r.randint(1, 20)
    c = r.choice([GPT2, LLAMA]) | dict(n_head=heads, n_kv_head=r.choice([heads, heads // 2, 1]), n_embd=heads * 2 * r.randint(1, 5), n_layer=r.randint(1, 3),
                                       n_inner=r.randint(1, 40), vocab_size=r.randint(2, 40), n_positions=longest)
    yield settled(forward, "gpt", c, r.randint(1, 4), r.randint(1, longest), mode=r.choice(["train", "eval"]))
    yield settled(steps, "gpt-steps", c, r.randint(1, 6), r.randint(2, 4), r.randint(1, longest))
