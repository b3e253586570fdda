"""Encode a text by Hugging Face's tokenizers and by tiktoken, both with the vocab.json and merges.txt of a folder.

    python ids.py FOLDER TEXT      # prints {"tokenizers": [ids], "tiktoken": [ids]}
"""
import json
import sys
from pathlib import Path

import tiktoken
from tokenizers import ByteLevelBPETokenizer

# GPT-2's pattern, as tiktoken_ext has it.
PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"""

folder, text = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes().decode()
vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
# GPT-2's character for each byte: printable ones are themselves, the others count on from 256.
printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
byte = {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in printable)}
ranks = {bytes(byte[c] for c in token): i for token, i in vocab.items()}
tokenizers = ByteLevelBPETokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), add_prefix_space=False)
tik = tiktoken.Encoding("genlab", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
json.dump({"tokenizers": tokenizers.encode(text).ids, "tiktoken": tik.encode_ordinary(text)}, sys.stdout)
