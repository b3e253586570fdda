"""Makes special.json with Hugging Face's transformers: folders of a tokenizer's files, and the ids of hard strings. special.py"""
import json
import logging
import pathlib
import tempfile

import transformers
from transformers import AutoTokenizer

logging.disable(logging.WARNING)
HERE = pathlib.Path(__file__).parent
golden = json.loads((HERE / "tokenizers.json").read_text())
merges = golden["merges"][:80]
letters = [*range(33, 127), *range(161, 173), *range(174, 256)]
byte = {b: chr(b) for b in letters} | {b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in letters)}
base = sorted(byte.values()) + [m.replace(" ", "") for m in merges]
END = "<|endoftext|>"


def vocab(first=(), last=(END,)):
    return {t: i for i, t in enumerate([*first, *base, *last])}


def token(content, **flags):
    return dict(content=content, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) | flags


def files(v, **more):
    return {"config": {"model_type": "gpt2"}, "vocab": v} | more


def whole(v, added, pairs=False, prefix=False, bos=False):
    """tokenizer.json"""
    return {
        "version": "1.0", "truncation": None, "padding": None, "normalizer": None,
        "added_tokens": [dict(id=v[t["content"]] if t["content"] in v else len(v) + i - 1, **t) for i, t in enumerate(added)],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True, "use_regex": True},
        "post_processor": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True} if not bos else {
            "type": "TemplateProcessing", "single": [{"SpecialToken": {"id": END, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {END: {"id": END, "ids": [v[END]], "tokens": [END]}}},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False,
                  "byte_fallback": False, "vocab": v, "merges": [m.split(" ") for m in merges] if pairs else merges},
    }


v, n = vocab(), len(vocab())
hard = {
    str(v[END]): token(END), str(n): token("<sys>", lstrip=True), str(n + 1): token("<user>", rstrip=True),
    str(n + 2): token("word", single_word=True), str(n + 3): token("<|end|>"), str(n + 4): token("<|end|><|end|>"),
    str(n + 5): token("  ", special=False, normalized=True), str(n + 6): token("plain text", special=False, normalized=True),
    str(n + 7): token("ж", single_word=True, lstrip=True, rstrip=True), str(n + 8): token("<|endo"),
}
cases = {
    "vocab.json alone": files(v),
    "special first": files(vocab(first=(END,), last=())),
    "prefix space": files(v, tokenizer_config={"add_prefix_space": True}),
    "bos": files(v, tokenizer_config={"add_bos_token": True, "bos_token": END}),
    "decoder": files(v, tokenizer_config={"added_tokens_decoder": hard, "eos_token": "<|end|>"}),
    "decoder and prefix space": files(v, tokenizer_config={"added_tokens_decoder": hard, "add_prefix_space": True, "eos_token": token("<|end|>", __type="AddedToken")}),
    "older files": files(v, special_tokens_map={"eos_token": token("<sys>", rstrip=True), "additional_special_tokens": ["<user>"]},
                         added_tokens={"<sys>": n, "<user>": n + 1, "<odd>": n + 2}),
    "tokenizer.json": {"config": {"model_type": "gpt2"}, "tokenizer": whole(v, [token(END), token("<sys>", lstrip=True)])},
    "tokenizer.json of pairs": {"config": {"model_type": "gpt2"}, "tokenizer": whole(v, [token(END)], pairs=True),
                                "tokenizer_config": {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True}},
    "tokenizer.json with prefix": {"config": {"model_type": "gpt2"}, "tokenizer": whole(v, [token(END)], prefix=True),
                                   "tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast"}},
    "tokenizer.json with bos": {"config": {"model_type": "gpt2"}, "tokenizer": whole(v, [token(END)], bos=True),
                                "tokenizer_config": {"tokenizer_class": "PreTrainedTokenizerFast"}},
}
strings = golden["strings"] + [
    END, f"a{END}b", f"a {END} b", f"{END}{END}", f"{END}\n{END} x", "<|endoftext|", "<|endoftext|>>", "<<|endoftext|>", "<|ENDOFTEXT|>",
    "say  <sys>  hi  <user>  there <sys><user>  ", "word a word, sword words word_ word1 _word word", "<|end|><|end|><|end|>x<|end|> <|end|>",
    "  two  spaces   three", "plain text, plain texts", " ж жж ж.ж ж1 ж\u0301", "func main", " func main", "\nfunc", "\tx", f"x{END}y {END}z\t{END}\nq", "<odd> <user>", "",
]
out = {"program": f"transformers {transformers.__version__}", "strings": strings, "merges": merges, "cases": []}
for name, case in cases.items():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for file, content in case.items():
            (folder / f"{file}.json").write_text(json.dumps(content))
        if "vocab" in case:
            (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
        t = AutoTokenizer.from_pretrained(folder)
        ids = [t.encode(s) for s in strings]
        out["cases"].append({"name": name, "files": case, "length": len(t), "ids": ids,
                             "decoded": [t.decode(i, clean_up_tokenization_spaces=False) for i in ids], "end": t.eos_token_id})
(HERE / "special.json").write_text(json.dumps(out) + "\n")
