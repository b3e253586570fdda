"""Makes watermark.json: what the authors' detector and logits processor (Kirchenbauer et al. 2023, github.com/jwkirchenbauer/lm-watermarking,
commit named in the file) say, given this library's green lists, whose hash is JAX's Threefry.

    python watermark.py FOLDER_OF_LM_WATERMARKING COMMIT > watermark.json
"""

import json
import sys
import types

import jax.numpy as jnp
import numpy as np
import torch
from jax.extend.random import threefry_2x32

nltk = types.ModuleType("nltk.util")  # the detector needs no more of it than this
nltk.ngrams = lambda tokens, n: zip(*(tokens[i:] for i in range(n)))
sys.modules["nltk"], sys.modules["nltk.util"] = types.ModuleType("nltk"), nltk
sys.path.insert(0, sys.argv[1])
import watermark_processor as reference  # noqa: E402


def lists(base, key):
    def green(input_ids):
        tokens = np.arange(base.vocab_size, dtype=np.uint32)
        before = np.full_like(tokens, int(input_ids[-1]))
        words = threefry_2x32(jnp.array(np.array([key >> 32, key & 0xFFFFFFFF], np.uint32)), jnp.concatenate([before, tokens]))
        share = (np.asarray(words)[: base.vocab_size] >> 8).astype(np.float32) / np.float32(1 << 24)
        return torch.tensor(np.flatnonzero(share < np.float32(base.gamma)))

    base._get_greenlist_ids = green
    return base


cases, rng = [], np.random.default_rng(1)
for vocab, length, key, gamma, delta in [(91, 200, 7, 0.5, 2.0), (91, 600, 2**63 + 11, 0.25, 4.0), (1000, 50, 12345678901, 0.5, 1.0), (13, 80, 0, 0.1, 10.0)]:
    text = rng.integers(0, vocab, length)
    logits = np.round(rng.normal(size=(3, vocab)), 4).astype(np.float32)
    previous = rng.integers(0, vocab, 3)
    options = dict(vocab=list(range(vocab)), gamma=gamma, delta=delta)
    case = dict(vocab=vocab, key=key, share=gamma, bias=delta, tokens=text.tolist(), previous=previous.tolist(), logits=logits.tolist())
    for name, once in (("once", True), ("all", False)):
        d = lists(reference.WatermarkDetector(device="cpu", tokenizer=1, normalizers=[], ignore_repeated_bigrams=once, **options), key)
        s = d._score_sequence(torch.tensor(text))
        case[name] = dict(scored=s["num_tokens_scored"], green=int(s["num_green_tokens"]), z=s["z_score"], p=float(s["p_value"]))
    p = lists(reference.WatermarkLogitsProcessor(**options), key)
    case["favoured"] = p(torch.tensor(previous)[:, None], torch.tensor(logits)).tolist()
    cases.append(case)
print(json.dumps(dict(program=f"lm-watermarking {sys.argv[2]}, torch {torch.__version__}", cases=cases)))
