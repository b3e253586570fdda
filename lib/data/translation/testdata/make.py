#!/usr/bin/env python3
"""Makes bpe.json with Hugging Face's tokenizers: the vocabulary of corpus.txt, and the ids of texts in it."""
import json
import pathlib

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

here = pathlib.Path(__file__).parent
corpus = here.joinpath("corpus.txt").read_text().splitlines()
texts = corpus[:5] + ["", "Ещё не виданные слова", "two  spaces", " a space before", "an emoji 🙂 and 中文", "unsehr ünbekannt", "a\ttab"]
out = dict(tokenizers=tokenizers.__version__, texts=texts, cases=[])
for size in 60 + 40, 200, 400:
    tok = Tokenizer(models.BPE(unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.Metaspace()
    tok.decoder = decoders.Metaspace()
    tok.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<pad>", "<s>", "</s>", "<unk>"], show_progress=False))
    ids = [tok.encode(t).ids for t in texts]
    out["cases"].append(dict(size=size, vocab=[tok.id_to_token(i) for i in range(tok.get_vocab_size())], ids=ids,
                             decoded=[tok.decode(i) for i in ids]))
    if size == 400:
        tok.save(str(here / "tokenizer.json"))
here.joinpath("bpe.json").write_text(json.dumps(out, ensure_ascii=False) + "\n")
