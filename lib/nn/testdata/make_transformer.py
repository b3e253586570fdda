#!/usr/bin/env python3
"""Writes the folder transformer: PyTorch's layers of encoder and decoder by themselves, without a norm at the end, for transformer_test.go.

loss is the sum of sin(out) of both; grad.NAME are its gradients. printed.txt is what PyTorch prints.

Made with: torch 2.9.1, safetensors 0.7.0.
"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(1)
config = dict(d_model=12, nhead=3, dim_feedforward=10, dropout=0.0, batch_first=True)
model = nn.ModuleDict(dict(
    encoder=nn.TransformerEncoder(nn.TransformerEncoderLayer(**config, activation="gelu", norm_first=True), 2),
    decoder=nn.TransformerDecoder(nn.TransformerDecoderLayer(**config, activation="relu", norm_first=False), 2)))
for p in model.parameters():
    nn.init.normal_(p, 0.1, 0.4)
src, tgt = torch.randn(3, 6, 12), torch.randn(3, 5, 12)
padding = torch.tensor([[False] * 6, [False] * 4 + [True] * 2, [True] + [False] * 5])
src.requires_grad_()
memory = model["encoder"](src, src_key_padding_mask=padding)
causal = torch.ones(5, 5, dtype=torch.bool).triu(1)
out = model["decoder"](tgt, memory, tgt_mask=causal, memory_key_padding_mask=padding)
loss = memory.sin().sum() + out.sin().sum()
loss.backward()
folder = pathlib.Path(__file__).parent / "transformer"
folder.mkdir(exist_ok=True)
(folder / "case.json").write_text(json.dumps(dict(rtol=2e-4, atol=2e-5, torch=torch.__version__)) + "\n")
(folder / "printed.txt").write_text(str(model) + "\n")
for file, tensors in ("weights", model.state_dict()), ("inputs", dict(src=src, tgt=tgt, padding=padding)), ("expected", dict(
        memory=memory, out=out) | {"grad.src": src.grad} | {f"grad.{k}": p.grad for k, p in model.named_parameters()}):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, folder / f"{file}.safetensors")
