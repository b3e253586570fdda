"""Makes tokenizers.json with Hugging Face's tokenizers: merges learnt from a text, and the ids of hard strings. make.py TEXT"""
import json
import pathlib
import sys

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

STRINGS = [
    "Hello, world! It's 2026; we'll see they've 12345.67 tokens.", "  leading and  double   spaces\t\ttabs\n\n\nlines \n ends  ",
    "Привет, мир! Ёжик съел 3½ яблока.", "emoji 🙂👩‍👩‍👧‍👦🇺🇳 and ﬁ ligature", "中文字符和日本語テキスト、한국어", "'s'S''t 'RE don't DON'T",
    "a\u00a0b\u2003c\u3000d\u0085e\u200bf\u2028g", "x=1;y+=2//comment /* */ <|endoftext|> \\n", "٣٤٥ ⅷ ² ₃ Ⅻ", "é e\u0301 ñ", "\u0000\u0001\u001c\u007f\ufffd",
    "", " ", "\n", "   ", " a", "  a", "a ", "a  b", "🙂", "\r\n\r\n x",
]


def main():
    text = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8-sig")[:60000] + "".join(STRINGS[:6]) * 3
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=700, min_frequency=2, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    t.train_from_iterator([text], trainer)
    state = json.loads(t.to_str())
    merges = [" ".join(m) if isinstance(m, list) else m for m in state["model"]["merges"]]
    out = dict(program=f"tokenizers {tokenizers.__version__}", text=text, merges=merges, strings=STRINGS, ids=[t.encode(s).ids for s in STRINGS])
    (pathlib.Path(__file__).parent / "tokenizers.json").write_text(json.dumps(out) + "\n")


main()
