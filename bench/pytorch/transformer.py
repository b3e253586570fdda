"""The article's encoder and a translator's beam search in PyTorch, for times: transformer.py forward|train|decode [ROUNDS] [compile].

Prints a JSON line a round. forward and train: the corrected encoder at the article's sizes, batch 8, length 100, five passes or three
Adam steps a round. decode: 2+2 layers 128 wide, 1,000 tokens, 32 texts of 24 tokens, beam 4, 40 tokens, with a key/value cache.
"""
import json
import pathlib
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tests/parity"))
from transformer import Encoder  # noqa: E402

BATCH, SOURCE, BEAM, LENGTH, VOCAB, WIDTH, HEADS = 32, 24, 4, 40, 1000, 128, 4


class Decoder:
    """Beam search over a pre-norm nn.Transformer, each token computed once."""

    def __init__(self):
        self.table = nn.Embedding(VOCAB, WIDTH)
        nn.init.normal_(self.table.weight, std=WIDTH ** -0.5)
        self.core = nn.Transformer(WIDTH, HEADS, 2, 2, 4 * WIDTH, dropout=0.0, batch_first=True, norm_first=True).eval()
        pos, i = torch.arange(LENGTH + 1)[:, None], torch.arange(WIDTH)
        angle = pos / 10000 ** ((i - i % 2) / WIDTH)
        self.positions = torch.where(i % 2 == 0, angle.sin(), angle.cos())

    def split(self, x):
        return x.view(x.shape[0], x.shape[1], HEADS, -1).transpose(1, 2)

    def attend(self, a, q, k, v):
        out = F.scaled_dot_product_attention(q, k, v)
        return a.out_proj(out.transpose(1, 2).reshape(q.shape[0], q.shape[2], WIDTH))

    @torch.no_grad()
    def search(self, src):
        memory = self.core.encoder(self.table(src) * WIDTH ** 0.5 + self.positions[:SOURCE]).repeat_interleave(BEAM, 0)
        layers = self.core.decoder.layers
        cross = []
        for layer in layers:
            a = layer.multihead_attn
            _, wk, wv = a.in_proj_weight.chunk(3)
            _, bk, bv = a.in_proj_bias.chunk(3)
            cross.append((self.split(F.linear(memory, wk, bk)), self.split(F.linear(memory, wv, bv))))
        cache = [None] * len(layers)
        tokens = torch.ones(BATCH * BEAM, 1, dtype=torch.int64)
        scores = torch.full((BATCH, BEAM), -1e9)
        scores[:, 0] = 0
        ended = torch.zeros(BATCH, BEAM, dtype=torch.bool)
        count = torch.zeros(BATCH, BEAM)
        base = torch.arange(BATCH)[:, None] * BEAM
        for t in range(LENGTH):
            x = self.table(tokens[:, -1:]) * WIDTH ** 0.5 + self.positions[t]
            for i, layer in enumerate(layers):
                a = layer.self_attn
                q, k, v = (self.split(y) for y in F.linear(layer.norm1(x), a.in_proj_weight, a.in_proj_bias).chunk(3, -1))
                if cache[i] is not None:
                    k, v = torch.cat([cache[i][0], k], 2), torch.cat([cache[i][1], v], 2)
                cache[i] = k, v
                x = x + self.attend(a, q, k, v)
                a = layer.multihead_attn
                q = self.split(F.linear(layer.norm2(x), a.in_proj_weight[:WIDTH], a.in_proj_bias[:WIDTH]))
                x = x + self.attend(a, q, *cross[i])
                x = x + layer.linear2(F.relu(layer.linear1(layer.norm3(x))))
            logp = F.linear(self.core.decoder.norm(x)[:, 0], self.table.weight).log_softmax(-1).view(BATCH, BEAM, VOCAB)
            logp[:, :, :2] = -1e30
            stay = torch.full((VOCAB,), -1e30)
            stay[0] = 0
            logp = torch.where(ended[:, :, None], stay, logp)
            total = scores[:, :, None] + logp
            count = count + (~ended).float()
            rank = total / (((5 + count) / 6) ** 0.6)[:, :, None]
            best = rank.view(BATCH, -1).topk(BEAM).indices
            scores = total.view(BATCH, -1).gather(1, best)
            parent, token = best // VOCAB, best % VOCAB
            ended, count = ended.gather(1, parent) | (token == 2), count.gather(1, parent)
            rows = (base + parent).view(-1)
            tokens = torch.cat([tokens[rows], token.view(-1, 1)], 1)
            cache = [(k[rows], v[rows]) for k, v in cache]
            if ended.all():
                break
        return tokens


def main():
    work, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    torch.set_num_threads(2)
    torch.manual_seed(1)
    if work == "decode":
        decoder, src = Decoder(), torch.randint(4, VOCAB, (BATCH, SOURCE))
        step, times = lambda: decoder.search(src), 1
    else:
        model = Encoder(512, 6, 8, 4, 0.1, 100, "corrected")
        run = torch.compile(model) if "compile" in sys.argv else model
        x, mask = torch.randint(100, (8, 100)), torch.ones(8, 1, 1, 100)
        if work == "forward":
            model.eval()

            def step():
                with torch.no_grad():
                    run(x, mask)
            times = 5
        else:
            adam = torch.optim.Adam(model.parameters(), lr=1e-4)

            def step():
                adam.zero_grad()
                loss = run(x, mask).square().mean()
                loss.backward()
                adam.step()
                loss.item()
            times = 3
    for _ in range(rounds):
        began = time.perf_counter()
        for _ in range(times):
            step()
        print(json.dumps(dict(work=work, seconds=round(time.perf_counter() - began, 4))), flush=True)


main()
