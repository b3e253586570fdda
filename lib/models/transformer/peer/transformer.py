"""The article's attention and encoder, nn.Transformer and a translator in PyTorch, the encoder and the translator's search in JAX:
parity's cases and the bench's sides."""
import torch
from torch import nn
from torch.nn import functional as F

PAD, BEGIN, END, PENALTY = 0, 1, 2, 0.6


class MultiHeadAttention(nn.Module):
    def __init__(self, embed_size, heads, variant):
        super().__init__()
        self.embed_size, self.heads, self.head_dim, self.variant = embed_size, heads, embed_size // heads, variant
        projected = embed_size if variant == "published" else self.head_dim
        self.values = nn.Linear(self.head_dim, projected, bias=False)
        self.keys = nn.Linear(self.head_dim, projected, bias=False)
        self.queries = nn.Linear(self.head_dim, projected, bias=False)
        self.fc_out = nn.Linear(embed_size, embed_size)

    def forward(self, values, keys, query, mask):
        n, q = query.shape[:2]
        values, keys, query = (x.reshape(n, -1, self.heads, self.head_dim) for x in (values, keys, query))
        if self.variant == "corrected":
            values, keys, query = self.values(values), self.keys(keys), self.queries(query)
        energy = torch.einsum("nqhd,nkhd->nhqk", query, keys)
        if mask is not None:
            energy = energy.masked_fill(mask == 0, float("-1e20"))
        attention = torch.softmax(energy / self.embed_size ** 0.5, dim=3)
        return self.fc_out(torch.einsum("nhqk,nkhd->nqhd", attention, values).reshape(n, q, self.embed_size))


class TransformerBlock(nn.Module):
    def __init__(self, embed_size, heads, dropout, forward_expansion, variant):
        super().__init__()
        self.attention = MultiHeadAttention(embed_size, heads, variant)
        self.norm1, self.norm2 = nn.LayerNorm(embed_size), nn.LayerNorm(embed_size)
        self.feed_forward = nn.Sequential(
            nn.Linear(embed_size, forward_expansion * embed_size), nn.ReLU(),
            nn.Linear(forward_expansion * embed_size, embed_size))
        self.dropout = nn.Dropout(dropout)

    def forward(self, value, key, query, mask):
        x = self.dropout(self.norm1(self.attention(value, key, query, mask) + query))
        return self.dropout(self.norm2(self.feed_forward(x) + x))


class Encoder(nn.Module):
    def __init__(self, embed_size, num_layers, heads, forward_expansion, dropout, max_length, variant):
        super().__init__()
        self.word_embedding = nn.Embedding(max_length, embed_size)
        self.position_embedding = nn.Embedding(max_length, embed_size)
        self.layers = nn.ModuleList(
            TransformerBlock(embed_size, heads, dropout, forward_expansion, variant) for _ in range(num_layers))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        positions = torch.arange(x.shape[1], device=x.device).expand(x.shape)
        out = self.dropout(self.word_embedding(x) + self.position_embedding(positions))
        for layer in self.layers:
            out = layer(out, out, out, mask)
        return out


def attention(name, config, batch, queries, keys, mask, mode):
    """mask(shape) gives a mask, or None."""
    from case import Case
    size = config["embed_size"]
    inputs = dict(values=torch.randn(batch, keys, size), keys=torch.randn(batch, keys, size), query=torch.randn(batch, queries, size))
    given = mask((batch, 1, queries, keys))
    if given is not None:
        inputs["mask"] = given
    return Case(name, "forward", "attention", config, MultiHeadAttention(**config), inputs,
                lambda model, given: dict(out=model(given["values"], given["keys"], given["query"], given.get("mask"))), mode)


def encoder(name, config, batch, length, mask, mode):
    from case import Case
    inputs = dict(x=torch.randint(config["max_length"], (batch, length)))
    given = mask((batch, 1, 1, length))
    if given is not None:
        inputs["mask"] = given
    model = Encoder(**config)
    for p in model.parameters():
        if p.dim() == 1:
            nn.init.normal_(p, std=0.5)
    return Case(name, "forward", "encoder", config, model, inputs, lambda model, given: dict(out=model(given["x"], given.get("mask"))), mode)


def some(shape, share=0.4, dtype=torch.float32):
    """A mask with rows, and with whole texts, that may look nowhere."""
    mask = torch.rand(shape) > share
    mask[0, 0, -1] = False
    mask[-1] = False
    return mask.to(dtype)


class Translator(nn.Module):
    """nn.Transformer between embeddings and a projection, as in the paper's figure 1."""

    def __init__(self, src_vocab_size, tgt_vocab_size, max_length, positions, tie_output, tie_source, **core):
        super().__init__()
        d = core["d_model"]
        self.src_embedding, self.tgt_embedding = nn.Embedding(src_vocab_size, d), nn.Embedding(tgt_vocab_size, d)
        if positions == "learned":
            self.src_position, self.tgt_position = nn.Embedding(max_length, d), nn.Embedding(max_length, d)
        self.transformer = nn.Transformer(**core, batch_first=True)
        self.generator = nn.Linear(d, tgt_vocab_size, bias=not tie_output)
        for table in self.src_embedding, self.tgt_embedding:
            nn.init.normal_(table.weight, std=d ** -0.5)
        if tie_source:
            self.tgt_embedding.weight = self.src_embedding.weight
        if tie_output:
            self.generator.weight = self.tgt_embedding.weight

    def embed(self, tokens, table, position):
        d = table.embedding_dim
        if hasattr(self, position):
            positions = getattr(self, position).weight[: tokens.shape[1]]
        else:
            pos, i = torch.arange(tokens.shape[1], dtype=torch.float64, device="cpu")[:, None], torch.arange(d, device="cpu")
            angle = pos / 10000 ** ((i - i % 2) / d).double()
            positions = torch.where(i % 2 == 0, angle.sin(), angle.cos()).float().to(tokens.device)
        return table(tokens) * d ** 0.5 + positions

    def encode(self, src):
        return self.transformer.encoder(self.embed(src, self.src_embedding, "src_position"), src_key_padding_mask=src == PAD)

    def decode(self, tgt, memory, src):
        causal = torch.ones(tgt.shape[1], tgt.shape[1], dtype=torch.bool).triu(1)
        out = self.transformer.decoder(self.embed(tgt, self.tgt_embedding, "tgt_position"), memory, tgt_mask=causal,
                                       tgt_key_padding_mask=tgt == PAD, memory_key_padding_mask=src == PAD)
        return self.generator(out)

    def forward(self, src, tgt):
        return self.decode(tgt, self.encode(src), src)


def search(model, src, beam, penalty, length):
    """Beam search that computes the whole decoder anew for each token. Finished hypotheses stay among the beams; they are
    ranked by score / ((5 + tokens) / 6) ** penalty."""
    memory = model.encode(src)
    results = []
    for i in range(len(src)):
        beams = [([BEGIN], 0.0)]
        for _ in range(length):
            if all(t[-1] == END for t, _ in beams):
                break
            candidates = []
            for tokens, score in beams:
                if tokens[-1] == END:
                    candidates.append((tokens, score))
                    continue
                logits = model.decode(torch.tensor([tokens]), memory[i:i + 1], src[i:i + 1])[0, -1]
                logp = logits.log_softmax(-1)
                logp[PAD] = logp[BEGIN] = -1e30
                candidates += [(tokens + [t], score + p) for t, p in enumerate(logp.tolist())]
            candidates.sort(key=lambda c: -c[1] / ((4 + len(c[0])) / 6) ** penalty)
            beams = candidates[:beam]
        results.append([(t[1:], s) for t, s in beams])
    return results


def core(name, config, batch, source, target):
    """nn.Transformer, in training mode, for in evaluation it may take another path. Only the first position of a text may see nothing."""
    from case import Case
    model = nn.Transformer(**config, batch_first=True)
    for p in model.parameters():
        if p.dim() == 1:
            nn.init.normal_(p, std=0.5)
    src_padding, tgt_padding = torch.zeros(batch, source, dtype=torch.bool), torch.zeros(batch, target, dtype=torch.bool)
    for i in range(1, batch):
        src_padding[i, (source + i) // 2:] = True
        tgt_padding[i, max(target - i, 1):] = True
    src_padding[batch // 2] |= batch > 1  # a source that is padding alone
    tgt_padding[batch - 1, 0] = batch > 3  # sees nothing, for it can't look ahead

    def compute(model, given):
        causal = torch.ones(target, target, dtype=torch.bool).triu(1)
        out = model(given["src"], given["tgt"], tgt_mask=causal, src_key_padding_mask=given["src_padding"],
                    tgt_key_padding_mask=given["tgt_padding"], memory_key_padding_mask=given["src_padding"])
        assert out.isfinite().all()
        return dict(out=out)

    inputs = dict(src=torch.randn(batch, source, config["d_model"]), tgt=torch.randn(batch, target, config["d_model"]),
                  src_padding=src_padding, tgt_padding=tgt_padding)
    return Case(name, "forward", "transformer", config, model, inputs, compute, "train")


def texts(n, length, vocab, ends=True):
    """Random texts that end in END, filled up with PAD."""
    tokens = torch.randint(4, vocab, (n, length))
    for i in range(n):
        stop = length - 1 - i % (length - 1)
        tokens[i, stop] = END
        tokens[i, stop + 1:] = PAD
    return tokens


def translate(name, config, batch, source, target):
    from case import Case
    inputs = dict(src=texts(batch, source, config["src_vocab_size"]), tgt=texts(batch, target, config["tgt_vocab_size"]))
    return Case(name, "forward", "translator", config, Translator(**config), inputs,
                lambda model, given: dict(logits=model(given["src"], given["tgt"])), "train")


def translator_steps(name, config, count):
    """label smoothing, the paper's schedule, and padding that counts for nothing. A key's bias has no gradient but rounding, which a
    smaller eps would blow up."""
    import case
    rule = dict(label_smoothing=0.1, warm_up=3, factor=2.0, eps=1e-4)

    def compute(model, inputs):
        def loss(given):
            logits = model(given["src"], given["tgt"])
            return nn.functional.cross_entropy(logits.flatten(0, 1), given["labels"].flatten(), ignore_index=PAD, label_smoothing=rule["label_smoothing"])

        adam = torch.optim.Adam(model.parameters(), lr=1, betas=(0.9, 0.98), eps=rule["eps"])
        noam = torch.optim.lr_scheduler.LambdaLR(
            adam, lambda n: rule["factor"] * config["d_model"] ** -0.5 * min((n + 1) ** -0.5, (n + 1) * rule["warm_up"] ** -1.5))
        return case.train(model, loss, adam, inputs, after=noam.step)

    src = torch.stack([texts(4, 8, config["src_vocab_size"]).roll(k, 0) for k in range(count)])
    out = torch.stack([texts(4, 6, config["tgt_vocab_size"]).roll(k, 0) for k in range(count)])
    tgt = torch.cat([torch.full((count, 4, 1), BEGIN), out[:, :, :-1].masked_fill(out[:, :, :-1] == END, PAD)], 2)
    return case.Case(name, "step", "translator", config | rule, Translator(**config), dict(src=src, tgt=tgt, labels=out), compute, **case.STEPS)


def fixed():
    """The cases in testdata/parity."""
    from case import settled
    for variant in "published", "corrected":
        config = dict(embed_size=24, heads=3, variant=variant)
        yield attention(f"attention-{variant}-masked", config, 3, 5, 7, some, "eval")
        yield attention(f"attention-{variant}-unmasked", config, 3, 5, 7, lambda shape: None, "train")
        config = dict(embed_size=16, num_layers=2, heads=2, forward_expansion=3, dropout=0.3, max_length=20, variant=variant)
        yield encoder(f"encoder-{variant}-masked", config, 4, 20, some, "eval")
        config = config | dict(embed_size=8, heads=8, num_layers=1, dropout=0.0)
        yield encoder(f"encoder-{variant}-one", config, 1, 1, lambda shape: None, "train")
    for name, config in [
        ("transformer-post", dict(d_model=16, nhead=4, num_encoder_layers=2, num_decoder_layers=2, dim_feedforward=24,
                                  dropout=0.0, activation="relu", norm_first=False)),
        ("transformer-pre", dict(d_model=12, nhead=2, num_encoder_layers=1, num_decoder_layers=3, dim_feedforward=20,
                                 dropout=0.0, activation="gelu", norm_first=True)),
    ]:
        yield core(name, config, 4, 7, 5)
    small = dict(d_model=16, nhead=2, num_encoder_layers=1, num_decoder_layers=2, dim_feedforward=24, dropout=0.0, max_length=12)
    for name, config in [
        ("translator-tied", small | dict(src_vocab_size=21, tgt_vocab_size=21, positions="sinusoidal", tie_output=True,
                                         tie_source=True, activation="relu", norm_first=False)),
        ("translator-learned", small | dict(src_vocab_size=19, tgt_vocab_size=23, positions="learned", tie_output=False,
                                            tie_source=False, activation="gelu", norm_first=True)),
    ]:
        yield translate(name, config, 4, 9, 7)
        yield settled(translator_steps, name + "-steps", config, 5)


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    def mask(shape):
        kind = r.choice(["none", "some", "all", "ones"])
        dtype = r.choice([torch.float32, torch.bool, torch.int64])
        return {"none": None, "some": some(shape, r.random(), dtype), "all": torch.zeros(shape, dtype=dtype), "ones": torch.ones(shape, dtype=dtype)}[kind]

    def width():
        heads = r.randint(1, 8)
        return dict(embed_size=heads * r.randint(1, 12), heads=heads)

    for variant in "published", "corrected":
        yield settled(attention, f"attention-{variant}", width() | dict(variant=variant), r.randint(1, 4), r.randint(1, 12), r.randint(1, 12), mask,
                      r.choice(["train", "eval"]))
        mode, longest = r.choice(["train", "eval"]), r.randint(1, 60)
        config = width() | dict(num_layers=r.randint(1, 5), forward_expansion=r.randint(1, 5), max_length=longest, variant=variant,
                                dropout=0.0 if mode == "train" else r.choice([0.0, 0.1, 0.5]))
        yield settled(encoder, f"encoder-{variant}", config, r.randint(1, 4), r.choice([1, longest, r.randint(1, longest)]), mask, mode)
    heads = r.randint(1, 4)
    config = dict(d_model=heads * 2 * r.randint(1, 6), nhead=heads, num_encoder_layers=r.randint(1, 3), num_decoder_layers=r.randint(1, 3),
                  dim_feedforward=r.randint(1, 40), dropout=0.0, activation=r.choice(["relu", "gelu"]), norm_first=r.random() < 0.5)
    yield settled(core, "transformer", config, r.randint(1, 4), r.randint(1, 9), r.randint(1, 9))
    tied = r.random() < 0.5
    vocab = r.randint(6, 30)
    config |= dict(max_length=12, src_vocab_size=vocab, tgt_vocab_size=vocab if tied else r.randint(6, 30), positions=r.choice(["learned", "sinusoidal"]),
                   tie_output=r.random() < 0.5, tie_source=tied)
    yield settled(translate, "translator", config, r.randint(1, 4), r.randint(2, 12), r.randint(2, 12))
    yield settled(translator_steps, "translator-steps", config, r.randint(1, 5))


def further(testdata):
    """testdata/search, for search_test.go: what a search should find."""
    import case
    config = dict(d_model=16, nhead=2, num_encoder_layers=1, num_decoder_layers=2, dim_feedforward=24, dropout=0.0, max_length=20,
                  src_vocab_size=15, tgt_vocab_size=17, positions="learned", tie_output=False, tie_source=False,
                  activation="relu", norm_first=True)
    model = Translator(**config)
    with torch.no_grad():
        for p in model.parameters():
            if p.dim() > 1:
                p *= 1.5
        model.generator.weight *= 3  # far from uniform, so that beams differ
        model.generator.bias[END] -= 1
        src = texts(6, 9, config["src_vocab_size"])
        expected = {}
        for beam, penalty in (1, 0.0), (4, 0.0), (3, 1.0), (17, 0.6):
            found = search(model, src, beam, penalty, 12)
            tokens = torch.zeros(len(src), beam, 12, dtype=torch.int64)
            for i, beams in enumerate(found):
                for j, (t, _) in enumerate(beams):
                    tokens[i, j, :len(t)] = torch.tensor(t)
            expected[f"tokens-{beam}-{penalty}"] = tokens
            expected[f"scores-{beam}-{penalty}"] = torch.tensor([[s for _, s in beams] for beams in found])
    case.write(testdata, "search", "search", "translator", config, case.state(model), dict(src=src), expected)


def torch_side(case):
    return torch_search(case) if case.name == "translate" else torch_encoder(case)


def jax_side(case):
    return jax_search(case) if case.name == "translate" else jax_encoder(case)


def torch_encoder(case):
    import sides
    model = Encoder(case.embed, case.layers, case.heads, case.expansion, 0.0, case.length, "corrected")
    model.word_embedding = nn.Embedding(case.vocab, case.embed)
    model.load_state_dict(case.torch("weights"))
    inputs = case.torch("inputs")
    x, mask = inputs["x"].long(), inputs["mask"]

    def loss():
        return model(x, mask)[..., :case.embed // 2].square().mean()

    if case.name == "encoder-train":
        return sides.torch_step(case, torch.optim.Adam(model.parameters(), lr=1e-4), loss)
    loss = case.compiled(loss)

    def step():
        with torch.no_grad():
            return [loss().item()]

    return step


def jax_encoder(case):
    import jax
    import jax.numpy as jnp
    import optax
    from sides import jax_step, layer_norm, linear
    dim = case.embed // case.heads

    def attend(w, name, x, mask):
        v, k, q = (linear(w, f"{name}.{part}", x.reshape(*x.shape[:2], case.heads, dim)) for part in ("values", "keys", "queries"))
        energy = jnp.where(mask == 0, -1e20, jnp.einsum("nqhd,nkhd->nhqk", q, k)) / case.embed ** 0.5
        return linear(w, name + ".fc_out", jnp.einsum("nhqk,nkhd->nqhd", jax.nn.softmax(energy, -1), v).reshape(x.shape))

    def loss(w, i):
        x = w["word_embedding.weight"][i["x"]] + w["position_embedding.weight"][:case.length]
        for n in range(case.layers):
            name = f"layers.{n}."
            x = layer_norm(w, name + "norm1", attend(w, name + "attention", x, i["mask"]) + x)
            y = linear(w, name + "feed_forward.2", jax.nn.relu(linear(w, name + "feed_forward.0", x)))
            x = layer_norm(w, name + "norm2", y + x)
        return (x[..., :case.embed // 2] ** 2).mean()

    if case.name == "encoder-train":
        return jax_step(case, optax.adam(1e-4), loss)
    weights, inputs, run = case.jax("weights"), case.jax("inputs"), jax.jit(loss)
    return lambda: [float(run(weights, inputs))]


def torch_search(case):
    """A cache, all texts at once; each token's part of the decoder is computed once."""
    model = Translator(case.vocab, case.vocab, 256, "sinusoidal", True, True, d_model=case.embed, nhead=case.heads,
                       num_encoder_layers=case.layers, num_decoder_layers=case.layers, dim_feedforward=case.inner, dropout=0.0,
                       activation="relu", norm_first=True).eval()
    model.load_state_dict(case.torch("weights"))
    source = F.pad(case.torch("inputs")["source"].long(), (0, 1), value=END)
    core, table, d, here = model.transformer, model.tgt_embedding.weight, case.embed, dict(device=source.device)
    positions = model.embed(torch.zeros(1, case.new, dtype=torch.int64), nn.Embedding.from_pretrained(torch.zeros(1, d)), "none")[0]

    def split(x):
        return x.view(x.shape[0], x.shape[1], case.heads, -1).transpose(1, 2)

    def attend(a, q, k, v):
        return a.out_proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(q.shape[0], q.shape[2], d))

    def decode(token, position, cross, cache):
        """Logits of the next token, and the cache with this one's keys and values."""
        x, after = F.embedding(token, table)[:, None] * d ** 0.5 + position, []
        for layer, (keys, values), (ck, cv) in zip(core.decoder.layers, cache, cross):
            a = layer.self_attn
            q, k, v = (split(y) for y in F.linear(layer.norm1(x), a.in_proj_weight, a.in_proj_bias).chunk(3, -1))
            k, v = torch.cat([keys, k], 2), torch.cat([values, v], 2)
            after.append((k, v))
            x = x + attend(a, q, k, v)
            a = layer.multihead_attn
            x = x + attend(a, split(F.linear(layer.norm2(x), a.in_proj_weight[:d], a.in_proj_bias[:d])), ck, cv)
            x = x + layer.linear2(F.relu(layer.linear1(layer.norm3(x))))
        return F.linear(core.decoder.norm(x)[:, 0], table), after

    if case.mode == "compile":
        torch._dynamo.config.automatic_dynamic_shapes = True
    decode = case.compiled(decode)

    @torch.no_grad()
    def step():
        n, beam = len(source), case.beam
        memory = model.encode(source).repeat_interleave(beam, 0)
        cross = []
        for layer in core.decoder.layers:
            a = layer.multihead_attn
            _, wk, wv = a.in_proj_weight.chunk(3)
            _, bk, bv = a.in_proj_bias.chunk(3)
            cross.append((split(F.linear(memory, wk, bk)), split(F.linear(memory, wv, bv))))
        empty = torch.zeros(n * beam, case.heads, 0, d // case.heads, **here)
        cache, token = [(empty, empty)] * case.layers, torch.full((n * beam,), BEGIN, **here)
        scores = torch.full((n, beam), -1e9, **here)
        scores[:, 0] = 0
        ended, count = torch.zeros(n, beam, dtype=torch.bool, **here), torch.zeros(n, beam, **here)
        base = torch.arange(n, **here)[:, None] * beam
        stay = torch.full((case.vocab,), -1e30, **here)
        stay[PAD] = 0
        for t in range(case.new):
            logits, cache = decode(token, positions[t], cross, cache)
            logp = logits.log_softmax(-1).view(n, beam, -1)
            logp[:, :, [PAD, BEGIN]] = -1e30
            total = scores[:, :, None] + torch.where(ended[:, :, None], stay, logp)
            count = count + (~ended).float()
            rank, best = (total / (((5 + count) / 6) ** PENALTY)[:, :, None]).view(n, -1).topk(beam)
            scores, parent, chosen = total.view(n, -1).gather(1, best), best // case.vocab, best % case.vocab
            ended, count = ended.gather(1, parent) | (chosen == END), count.gather(1, parent)
            rows, token = (base + parent).view(-1), chosen.view(-1)
            cache = [(k[rows], v[rows]) for k, v in cache]
            if ended.all():
                break
        return scores[:, 0].tolist()

    return step


def jax_search(case):
    import jax
    import jax.numpy as jnp
    import sides
    from sides import layer_norm
    w, source = case.jax("weights"), case.jax("inputs")["source"]
    d, dim = case.embed, case.embed // case.heads
    n, beam, room = case.batch, case.beam, case.new
    source = jnp.pad(source, ((0, 0), (0, 1)), constant_values=END)

    def sinusoids(length):
        i = jnp.arange(d)
        angle = jnp.arange(length)[:, None] / 10000 ** ((i - i % 2) / d)
        return jnp.where(i % 2 == 0, jnp.sin(angle), jnp.cos(angle))

    def linear(w, weight, bias, x):
        return x @ w[weight].T + w[bias]

    def split(x):
        return x.reshape(*x.shape[:2], case.heads, dim)

    def project(w, name, x, which):
        weight, bias = jnp.split(w[name + ".in_proj_weight"], 3), jnp.split(w[name + ".in_proj_bias"], 3)
        return [split(x @ weight[i].T + bias[i]) for i in which]

    def attend(w, name, q, k, v, mask=True):
        scores = jnp.where(mask, jnp.einsum("nqhd,nkhd->nhqk", q, k) / dim ** 0.5, -1e30)
        y = jnp.einsum("nhqk,nkhd->nqhd", jax.nn.softmax(scores, -1), v).reshape(q.shape[0], q.shape[1], d)
        return linear(w, name + ".out_proj.weight", name + ".out_proj.bias", y)

    def inner(w, name, x):
        return sides.linear(w, name + "linear2", jax.nn.relu(sides.linear(w, name + "linear1", x)))

    @jax.jit
    def search(w, source):
        x = w["src_embedding.weight"][source] * d ** 0.5 + sinusoids(source.shape[1])
        for i in range(case.layers):
            name = f"transformer.encoder.layers.{i}."
            h = layer_norm(w, name + "norm1", x)
            x = x + attend(w, name + "self_attn", *project(w, name + "self_attn", h, (0, 1, 2)))
            x = x + inner(w, name, layer_norm(w, name + "norm2", x))
        memory = jnp.repeat(layer_norm(w, "transformer.encoder.norm", x), beam, 0)
        names = [f"transformer.decoder.layers.{i}." for i in range(case.layers)]
        cross = [project(w, name + "multihead_attn", memory, (1, 2)) for name in names]
        table, positions = w["tgt_embedding.weight"], sinusoids(room)
        stay = jnp.full(case.vocab, -1e30).at[PAD].set(0)

        def one(state):
            t, token, cache, scores, ended, count = state
            x, after = table[token][:, None] * d ** 0.5 + positions[t], []
            for name, (keys, values), (ck, cv) in zip(names, cache, cross):
                q, k, v = project(w, name + "self_attn", layer_norm(w, name + "norm1", x), (0, 1, 2))
                keys = jax.lax.dynamic_update_slice(keys, k, (0, t, 0, 0))
                values = jax.lax.dynamic_update_slice(values, v, (0, t, 0, 0))
                after.append((keys, values))
                x = x + attend(w, name + "self_attn", q, keys, values, jnp.arange(room) <= t)
                q, = project(w, name + "multihead_attn", layer_norm(w, name + "norm2", x), (0,))
                x = x + attend(w, name + "multihead_attn", q, ck, cv)
                x = x + inner(w, name, layer_norm(w, name + "norm3", x))
            logits = layer_norm(w, "transformer.decoder.norm", x)[:, 0] @ table.T
            logp = jax.nn.log_softmax(logits, -1).reshape(n, beam, -1).at[:, :, jnp.array([PAD, BEGIN])].set(-1e30)
            total = scores[:, :, None] + jnp.where(ended[:, :, None], stay, logp)
            count = count + ~ended
            _, best = jax.lax.top_k((total / (((5 + count) / 6) ** PENALTY)[:, :, None]).reshape(n, -1), beam)
            scores, parent, chosen = jnp.take_along_axis(total.reshape(n, -1), best, 1), best // case.vocab, best % case.vocab
            ended = jnp.take_along_axis(ended, parent, 1) | (chosen == END)
            count = jnp.take_along_axis(count, parent, 1)
            rows = (jnp.arange(n)[:, None] * beam + parent).reshape(-1)
            return t + 1, chosen.reshape(-1), [(k[rows], v[rows]) for k, v in after], scores, ended, count

        zero = jnp.zeros((n * beam, room, case.heads, dim))
        state = (0, jnp.full(n * beam, BEGIN), [(zero, zero)] * case.layers,
                 jnp.full((n, beam), -1e9).at[:, 0].set(0), jnp.zeros((n, beam), bool), jnp.zeros((n, beam)))
        return jax.lax.while_loop(lambda s: (s[0] < room) & ~s[4].all(), one, state)[3][:, 0]

    return lambda: search(w, source).tolist()
