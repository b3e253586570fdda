"""A translator's beam search with a cache, all texts at once; each token's part of the decoder is computed once."""
import train

PAD, BEGIN, END, PENALTY = 0, 1, 2, 0.6


def torch_side(case):
    import torch
    from torch.nn import functional as F
    from transformer import Translator
    model = Translator(case.vocab, case.vocab, 256, "sinusoidal", True, True, d_model=case.embed, nhead=case.heads,
                       num_encoder_layers=case.layers, num_decoder_layers=case.layers, dim_feedforward=case.inner, dropout=0.0,
                       activation="relu", norm_first=True).eval()
    model.load_state_dict(case.torch("weights"))
    source = F.pad(case.torch("inputs")["source"].long(), (0, 1), value=END)
    core, table, d, here = model.transformer, model.tgt_embedding.weight, case.embed, dict(device=source.device)
    positions = model.embed(torch.zeros(1, case.new, dtype=torch.int64), torch.nn.Embedding.from_pretrained(torch.zeros(1, d)), "none")[0]

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


def jax_side(case):
    import jax
    import jax.numpy as jnp
    from train import layer_norm
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
        return train.linear(w, name + "linear2", jax.nn.relu(train.linear(w, name + "linear1", x)))

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
