"""The article's attention and encoder, nn.Transformer, and their cases."""
import torch
from torch import nn

import case
from case import Case, settled


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
    size = config["embed_size"]
    inputs = dict(values=torch.randn(batch, keys, size), keys=torch.randn(batch, keys, size), query=torch.randn(batch, queries, size))
    given = mask((batch, 1, queries, keys))
    if given is not None:
        inputs["mask"] = given
    return Case(name, "forward", "attention", config, MultiHeadAttention(**config), inputs,
                lambda model, given: dict(out=model(given["values"], given["keys"], given["query"], given.get("mask"))), mode)


def encoder(name, config, batch, length, mask, mode):
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


def article(root):
    for variant in "published", "corrected":
        config = dict(embed_size=24, heads=3, variant=variant)
        attention(f"attention-{variant}-masked", config, 3, 5, 7, some, "eval").write(root)
        attention(f"attention-{variant}-unmasked", config, 3, 5, 7, lambda shape: None, "train").write(root)
        config = dict(embed_size=16, num_layers=2, heads=2, forward_expansion=3, dropout=0.3, max_length=20, variant=variant)
        encoder(f"encoder-{variant}-masked", config, 4, 20, some, "eval").write(root)
        config = config | dict(embed_size=8, heads=8, num_layers=1, dropout=0.0)
        encoder(f"encoder-{variant}-one", config, 1, 1, lambda shape: None, "train").write(root)


def fresh(r):
    """Cases of random sizes."""
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
    yield settled(core_case, "transformer", config, r.randint(1, 4), r.randint(1, 9), r.randint(1, 9))
    tied = r.random() < 0.5
    vocab = r.randint(6, 30)
    config |= dict(max_length=12, src_vocab_size=vocab, tgt_vocab_size=vocab if tied else r.randint(6, 30), positions=r.choice(["learned", "sinusoidal"]),
                   tie_output=r.random() < 0.5, tie_source=tied)
    yield settled(translate, "translator", config, r.randint(1, 4), r.randint(2, 12), r.randint(2, 12))


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


PAD, BEGIN, END = 0, 1, 2


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


def core_case(name, config, batch, source, target):
    """nn.Transformer, in training mode, for in evaluation it may take another path. Only the first position of a text may see nothing."""
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


def core(root):
    for name, config in [
        ("transformer-post", dict(d_model=16, nhead=4, num_encoder_layers=2, num_decoder_layers=2, dim_feedforward=24,
                                  dropout=0.0, activation="relu", norm_first=False)),
        ("transformer-pre", dict(d_model=12, nhead=2, num_encoder_layers=1, num_decoder_layers=3, dim_feedforward=20,
                                 dropout=0.0, activation="gelu", norm_first=True)),
    ]:
        core_case(name, config, 4, 7, 5).write(root)


def texts(n, length, vocab, ends=True):
    """Random texts that end in END, filled up with PAD."""
    tokens = torch.randint(4, vocab, (n, length))
    for i in range(n):
        stop = length - 1 - i % (length - 1)
        tokens[i, stop] = END
        tokens[i, stop + 1:] = PAD
    return tokens


def translate(name, config, batch, source, target):
    inputs = dict(src=texts(batch, source, config["src_vocab_size"]), tgt=texts(batch, target, config["tgt_vocab_size"]))
    return Case(name, "forward", "translator", config, Translator(**config), inputs,
                lambda model, given: dict(logits=model(given["src"], given["tgt"])), "train")


def translator(root):
    small = dict(d_model=16, nhead=2, num_encoder_layers=1, num_decoder_layers=2, dim_feedforward=24, dropout=0.0, max_length=12)
    for name, config in [
        ("translator-tied", small | dict(src_vocab_size=21, tgt_vocab_size=21, positions="sinusoidal", tie_output=True,
                                         tie_source=True, activation="relu", norm_first=False)),
        ("translator-learned", small | dict(src_vocab_size=19, tgt_vocab_size=23, positions="learned", tie_output=False,
                                            tie_source=False, activation="gelu", norm_first=True)),
    ]:
        translate(name, config, 4, 9, 7).write(root)
        settled(translator_steps, name + "-steps", config, 5).write(root)


def translator_steps(name, config, count):
    """label smoothing, the paper's schedule, and padding that counts for nothing. A key's bias has no gradient but rounding, which a
    smaller eps would blow up."""
    rule = dict(label_smoothing=0.1, warmup=3, factor=2.0, eps=1e-4)

    def compute(model, inputs):
        def loss(given):
            logits = model(given["src"], given["tgt"])
            return nn.functional.cross_entropy(logits.flatten(0, 1), given["labels"].flatten(), ignore_index=PAD, label_smoothing=rule["label_smoothing"])

        adam = torch.optim.Adam(model.parameters(), lr=1, betas=(0.9, 0.98), eps=rule["eps"])
        noam = torch.optim.lr_scheduler.LambdaLR(
            adam, lambda n: rule["factor"] * config["d_model"] ** -0.5 * min((n + 1) ** -0.5, (n + 1) * rule["warmup"] ** -1.5))
        return case.train(model, loss, adam, inputs, after=noam.step)

    src = torch.stack([texts(4, 8, config["src_vocab_size"]).roll(k, 0) for k in range(count)])
    out = torch.stack([texts(4, 6, config["tgt_vocab_size"]).roll(k, 0) for k in range(count)])
    tgt = torch.cat([torch.full((count, 4, 1), BEGIN), out[:, :, :-1].masked_fill(out[:, :, :-1] == END, PAD)], 2)
    return Case(name, "step", "translator", config | rule, Translator(**config), dict(src=src, tgt=tgt, labels=out), compute, **case.STEPS)


def searches(root):
    """What a search should find, for the tests of lib/models/transformer: no verb of the command's."""
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
    case.write(root, "search", "search", "translator", config, case.state(model), dict(src=src), expected)


def make(root):
    article(root)
    core(root)
    translator(root)
    if root == case.ROOT:
        searches(case.ROOT.parents[2] / "lib/models/transformer/testdata")
