"""The article's attention and encoder, nn.Transformer, and their cases."""
import torch
from torch import nn

import case


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
        positions = torch.arange(x.shape[1]).expand(x.shape)
        out = self.dropout(self.word_embedding(x) + self.position_embedding(positions))
        for layer in self.layers:
            out = layer(out, out, out, mask)
        return out


def article(root):
    for variant in "published", "corrected":
        config = dict(embed_size=24, heads=3, variant=variant)
        model = MultiHeadAttention(**config)
        values, keys, query = torch.randn(3, 7, 24), torch.randn(3, 7, 24), torch.randn(3, 5, 24)
        mask = (torch.rand(3, 1, 5, 7) > 0.4).float()
        mask[0, 0, 2] = 0  # a query that may look nowhere
        mask[2] = 0
        inputs = dict(values=values, keys=keys, query=query)
        for name, extra in ("masked", dict(mask=mask)), ("unmasked", {}):
            out = model(values, keys, query, extra.get("mask"))
            case.write(root, f"attention-{variant}-{name}", "forward", "attention", config, case.state(model),
                       inputs | extra, dict(out=out), mode="eval")

        config = dict(embed_size=16, num_layers=2, heads=2, forward_expansion=3, dropout=0.3, max_length=20, variant=variant)
        model = Encoder(**config).eval()
        x = torch.randint(20, (4, 20))
        mask = torch.ones(4, 1, 1, 20)
        mask[1, 0, 0, 11:] = 0
        mask[3] = 0  # a text that is padding alone
        case.write(root, f"encoder-{variant}-masked", "forward", "encoder", config, case.state(model),
                   dict(x=x, mask=mask), dict(out=model(x, mask)), mode="eval")
        config = config | dict(embed_size=8, heads=8, num_layers=1)
        model = Encoder(**config).eval()
        x = torch.randint(20, (1, 1))
        case.write(root, f"encoder-{variant}-one", "forward", "encoder", config, case.state(model),
                   dict(x=x), dict(out=model(x, None)), mode="eval")


def make(root):
    article(root)
