"""Hugging Face's GPT-2 with the options that came after it, in PyTorch and JAX: parity's cases, the bench's sides, and a training to
compare figures with.

gpt.py TEXT [STEPS] [SEED] trains genlab's default preset in PyTorch eager by nanoGPT's recipe on the characters of a text, and prints a
JSON line an evaluation. gpt.py pretrained FOLDER writes a small GPT-2 by transformers' own save_pretrained, and what it makes of some
texts, for the tests of lib/models/gpt.

Where transformers is installed, its GPT2LMHeadModel and LlamaForCausalLM confirm the cases in testdata/parity as they are made.
"""
import json
import math
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


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


def optimizer(model, decay, eps=1e-8):
    return torch.optim.AdamW(groups(model, decay), lr=1e-3, betas=(0.9, 0.95), eps=eps)


def loss_function(model, x, y):
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten(), ignore_index=-1)


def update(model, adam, clip, loss):
    """A step down the gradients of loss, a function; returns the loss and the gradients' norm before clipping."""
    adam.zero_grad()
    value = loss()
    value.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
    adam.step()
    return value.detach(), norm


def forward(name, c, batch, length, confirm=None, mode="eval"):
    from case import Case
    case = Case(name, "forward", "gpt", c, GPT(c), dict(x=torch.randint(c["vocab_size"], (batch, length))),
                lambda model, given: dict(logits=model(given["x"])), mode)
    other = confirm and confirm(c, case.module)
    if other:
        with torch.no_grad():
            torch.testing.assert_close(other(case.inputs["x"]).logits, case.expected["logits"], rtol=1e-4, atol=1e-5)
    return case


def steps(name, c, count=6, batch=3, length=9):
    import case
    rule = dict(lr=1e-2, min_lr=1e-3, warmup=2, total=5, weight_decay=0.1, clip=0.5, eps=1e-4)

    def compute(model, inputs):
        adam, seen, measured = optimizer(model, rule["weight_decay"], rule["eps"]), {}, []

        def loss(x, y):
            return loss_function(model, x, y)

        for k, (x, y) in enumerate(zip(inputs["x"], inputs["y"])):
            for group in adam.param_groups:
                group["lr"] = rate(rule, k)
            if k == 0:
                seen = dict(zip((f"grad.{n}" for n, _ in model.named_parameters()), torch.autograd.grad(loss(x, y), list(model.parameters()))))
            measured.append(update(model, adam, rule["clip"], lambda: loss(x, y)))
        losses, norms = map(torch.stack, zip(*measured))
        return seen | dict(loss=losses, norm=norms) | {f"param.{k}": v for k, v in case.state(model).items()}

    x, y = torch.randint(c["vocab_size"], (count, batch, length)), torch.randint(c["vocab_size"], (count, batch, length))
    y[:, -1, length // 2:] = -1
    return case.Case(name, "step", "gpt", c | rule, GPT(c), dict(x=x, y=y), compute, **case.STEPS)


GPT2 = dict(vocab_size=23, n_positions=12, n_layer=2, n_head=3, n_kv_head=3, n_embd=12, n_inner=20, dropout=0.0, bias=True,
            positions="learned", rope_theta=0, norm="layer", layer_norm_epsilon=1e-5, mlp="gelu")
LLAMA = GPT2 | dict(n_head=4, n_kv_head=2, n_embd=16, bias=False, positions="rotary", rope_theta=500.0, norm="rms",
                    layer_norm_epsilon=1e-6, mlp="swiglu", untied=True)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    for name, c, confirm in [
        ("gpt2", GPT2, hugging_face_gpt2),
        ("gpt-no-bias", GPT2 | dict(bias=False), None),
        ("gpt-rotary", GPT2 | dict(positions="rotary", rope_theta=100.0), None),
        ("gpt-rms", GPT2 | dict(norm="rms"), None),
        ("gpt-swiglu", GPT2 | dict(mlp="swiglu"), None),
        ("gpt-grouped", GPT2 | dict(n_head=4, n_kv_head=2), None),
        ("gpt-llama", LLAMA, hugging_face_llama),
    ]:
        yield forward(name, c, 4, 11, confirm)
        if confirm:
            yield settled(steps, name + "-steps", c)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    heads, longest = r.randint(1, 3) * 2, r.randint(1, 20)
    c = r.choice([GPT2, LLAMA]) | dict(n_head=heads, n_kv_head=r.choice([heads, heads // 2, 1]), n_embd=heads * 2 * r.randint(1, 5), n_layer=r.randint(1, 3),
                                       n_inner=r.randint(1, 40), vocab_size=r.randint(2, 40), n_positions=longest)
    yield settled(forward, "gpt", c, r.randint(1, 4), r.randint(1, longest), mode=r.choice(["train", "eval"]))
    yield settled(steps, "gpt-steps", c, r.randint(1, 6), r.randint(2, 4), r.randint(1, longest))


def torch_side(case):
    return torch_generation(case) if case.name == "gpt-generate" else torch_step(case)


def torch_step(case):
    model = GPT(GPT2 | dict(vocab_size=case.vocab, n_positions=case.length, n_layer=case.layers, n_head=case.heads, n_kv_head=case.heads,
                            n_embd=case.embed, n_inner=4 * case.embed))
    model.load_state_dict(case.torch("weights"))
    inputs, adam = case.torch("inputs"), optimizer(model, 0.1)
    x, y = inputs["x"].long(), inputs["y"].long()
    loss = case.compiled(lambda: loss_function(model, x, y))
    return lambda: [update(model, adam, 1.0, loss)[0].item()]


def torch_generation(case):
    """transformers' generate."""
    from transformers import GPT2Config, GPT2LMHeadModel
    if case.mode == "compile":
        raise NotImplementedError("transformers' generate is timed as it comes")
    model = GPT2LMHeadModel(GPT2Config(vocab_size=case.vocab, n_positions=case.length, n_layer=case.layers, n_head=case.heads,
                                       n_embd=case.embed, bos_token_id=0, eos_token_id=None)).eval()
    model.load_state_dict(case.torch("weights"))
    prompt = case.torch("inputs")["prompt"].long()

    def step():
        out = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=case.new, min_new_tokens=case.new,
                             do_sample=False, pad_token_id=0)
        return out[:, prompt.shape[1]:].flatten().tolist()

    return step


def jax_side(case):
    return jax_generation(case) if case.name == "gpt-generate" else jax_training(case)


def jax_block(case, w, n, x, attend):
    """x: [batch, length, embed]; attend(q, k, v), each [batch, length, heads, dim], mixes the values."""
    import jax
    import jax.numpy as jnp
    from sides import layer_norm

    def conv1d(name, x):
        return x @ w[name + ".weight"] + w[name + ".bias"]

    name = f"transformer.h.{n}."
    q, k, v = (t.reshape(*x.shape[:2], case.heads, -1) for t in jnp.split(conv1d(name + "attn.c_attn", layer_norm(w, name + "ln_1", x)), 3, -1))
    x = x + conv1d(name + "attn.c_proj", attend(q, k, v).reshape(x.shape))
    h = jax.nn.gelu(conv1d(name + "mlp.c_fc", layer_norm(w, name + "ln_2", x)), approximate=True)
    return x + conv1d(name + "mlp.c_proj", h)


def jax_attention(q, k, v, mask):
    import jax
    import jax.numpy as jnp
    scores = jnp.where(mask, jnp.einsum("nqhd,nkhd->nhqk", q, k) / q.shape[-1] ** 0.5, -1e30)
    return jnp.einsum("nhqk,nkhd->nqhd", jax.nn.softmax(scores, -1), v)


def jax_training(case):
    import jax.numpy as jnp
    import optax
    from sides import jax_step, layer_norm

    def loss(w, i):
        length = i["x"].shape[1]
        x = w["transformer.wte.weight"][i["x"]] + w["transformer.wpe.weight"][:length]
        mask = jnp.tril(jnp.ones((length, length), bool))
        for n in range(case.layers):
            x = jax_block(case, w, n, x, lambda q, k, v: jax_attention(q, k, v, mask))
        logits = layer_norm(w, "transformer.ln_f", x) @ w["transformer.wte.weight"].T
        return optax.softmax_cross_entropy_with_integer_labels(logits, i["y"]).mean()

    def matrices(w):
        return {k: v.ndim >= 2 for k, v in w.items()}

    adam = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(1e-3, b1=0.9, b2=0.95, weight_decay=0.1, mask=matrices))
    read = case.jax
    case.jax = lambda file: {k: v for k, v in read(file).items() if k != "lm_head.weight"}  # tied
    return jax_step(case, adam, loss)


def jax_generation(case):
    """A loop with a cache."""
    import jax
    import jax.numpy as jnp
    from sides import layer_norm
    w, prompt = case.jax("weights"), case.jax("inputs")["prompt"]
    room, dim = case.prompt + case.new, case.embed // case.heads

    def extend(w, tokens, at, cache):
        """tokens: [batch, n] at places at, at+1, …; cache: a pair [batch, room, heads, dim] for each layer."""
        n = tokens.shape[1]
        places = at + jnp.arange(n)
        x = w["transformer.wte.weight"][tokens] + w["transformer.wpe.weight"][places]
        mask, after = jnp.arange(room)[None, :] <= places[:, None], []
        for i, (keys, values) in enumerate(cache):
            def attend(q, k, v):
                both = (jax.lax.dynamic_update_slice(keys, k, (0, at, 0, 0)), jax.lax.dynamic_update_slice(values, v, (0, at, 0, 0)))
                after.append(both)
                return jax_attention(q, *both, mask)
            x = jax_block(case, w, i, x, attend)
        logits = layer_norm(w, "transformer.ln_f", x[:, -1]) @ w["transformer.wte.weight"].T
        return logits.argmax(-1).astype(jnp.int32), after

    @jax.jit
    def generate(w, prompt):
        zero = jnp.zeros((case.batch, room, case.heads, dim))
        token, cache = extend(w, prompt, 0, [(zero, zero)] * case.layers)

        def one(state, at):
            token, cache = state
            following, cache = extend(w, token[:, None], at, cache)
            return (following, cache), token

        (last, _), tokens = jax.lax.scan(one, (token, cache), case.prompt + jnp.arange(case.new - 1))
        return jnp.concatenate([tokens.T, last[:, None]], 1)

    return lambda: generate(w, prompt).flatten().tolist()


def pretrained(folder):
    from transformers import GPT2Config, GPT2LMHeadModel
    torch.manual_seed(1)
    config = GPT2Config(vocab_size=61, n_positions=24, n_embd=16, n_layer=2, n_head=4, initializer_range=0.3, bos_token_id=0, eos_token_id=0)
    model = GPT2LMHeadModel(config).eval()
    for name, p in model.named_parameters():  # biases begin at 0, norms at 1: others show whether each is read
        if name.endswith("bias") or "ln_" in name:
            nn.init.normal_(p, mean=p.mean().item(), std=0.2)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    tokens, prompts = torch.randint(0, config.vocab_size, (2, 24)), torch.randint(0, config.vocab_size, (3, 4))

    def generated(penalty):
        out = model.generate(prompts, attention_mask=torch.ones_like(prompts), max_new_tokens=20, do_sample=False, pad_token_id=0,
                             eos_token_id=None, repetition_penalty=penalty)
        return out[:, prompts.shape[1]:].tolist()

    with torch.no_grad():
        outputs = dict(tokens=tokens.tolist(), logits=model(tokens).logits.tolist(), prompts=prompts.tolist(), greedy=generated(1.0), penalty=generated(1.4))
    (folder / "outputs.json").write_text(json.dumps(outputs) + "\n")


def train(path, steps, seed):
    torch.manual_seed(seed)
    text = path.read_text(encoding="utf-8-sig")
    index = {c: i for i, c in enumerate(sorted(set(text)))}
    tokens = torch.tensor([index[c] for c in text])
    cut = int(0.9 * len(tokens))

    def batch(part, n=12, length=64):
        at = torch.randint(len(part) - length, (n,))
        return torch.stack([part[i : i + length] for i in at]), torch.stack([part[i + 1 : i + length + 1] for i in at])

    c = GPT2 | dict(vocab_size=len(index), n_positions=64, n_layer=4, n_head=4, n_kv_head=4, n_embd=128, n_inner=512, bias=False)
    model = GPT(c)
    for name, p in model.named_parameters():  # GPT-2's first weights
        if p.dim() == 2:
            nn.init.normal_(p, std=0.02 / math.sqrt(2 * c["n_layer"]) if name.endswith("c_proj.weight") else 0.02)
        else:
            nn.init.ones_(p)
    adam, rule = optimizer(model, 0.1), dict(lr=1e-3, min_lr=1e-4, warmup=100, total=steps)
    began = time.perf_counter()
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = rate(rule, step)
        x, y = batch(tokens[:cut])
        update(model, adam, 1.0, lambda: loss_function(model, x, y))
        if (step + 1) % 250 == 0 or step + 1 == steps:
            seconds = time.perf_counter() - began
            with torch.no_grad():
                losses = [loss_function(model, *batch(tokens[cut:])).item() for _ in range(200)]
            print(json.dumps(dict(step=step + 1, validation_loss=round(sum(losses) / 200, 4), ms=round(1000 * seconds / (step + 1), 1))), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "pretrained":
        pretrained(pathlib.Path(sys.argv[2]))
    else:
        train(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2000, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
