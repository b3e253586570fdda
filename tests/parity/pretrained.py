"""Write a small GPT-2 by transformers' own save_pretrained, and its logits, for lib/models/gpt's test.

    python tests/parity/pretrained.py lib/models/gpt/testdata/pretrained
"""
import json
import sys
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel

folder = Path(sys.argv[1])
torch.manual_seed(1)
config = GPT2Config(vocab_size=61, n_positions=24, n_embd=16, n_layer=2, n_head=4, initializer_range=0.3, bos_token_id=0, eos_token_id=0)
model = GPT2LMHeadModel(config).eval()
for name, p in model.named_parameters():  # biases begin at 0, norms at 1: others show whether each is read
    if name.endswith("bias") or "ln_" in name:
        torch.nn.init.normal_(p, mean=p.mean().item(), std=0.2)
model.save_pretrained(folder)
(folder / "generation_config.json").unlink(missing_ok=True)
tokens = torch.randint(0, config.vocab_size, (2, 24))
with torch.no_grad():
    logits = model(tokens).logits
(folder / "logits.json").write_text(json.dumps({"tokens": tokens.tolist(), "logits": logits.tolist()}))
