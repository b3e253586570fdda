"""make.py MINILM ANTIBERTY: what transformers makes of small random models and of the real weights that `genlab data` fetches.

It writes pretrained/*/ (a folder as published, with expected.json), minilm.json and antiberty.json beside itself.
"""
import json
import pathlib
import sys

import torch
import transformers
from tokenizers import BertWordPieceTokenizer
from transformers import (BertConfig, BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification, BertModel, DistilBertConfig,
                          DistilBertForMaskedLM, RobertaConfig, RobertaForMaskedLM)

HERE = pathlib.Path(__file__).parent
VERSION = f"transformers {transformers.__version__}, torch {torch.__version__}"
SENTENCES = [
    "Light is refracted by the prism.", "The prism bends the rays of light.", "A cat sleeps on the warm roof.",
    "Mon café préféré est fermé aujourd'hui.", "Свет преломляется в призме.", "光はプリズムで屈折する。", "What is the price of the ticket? 1,234.50 €!",
    "", "a", "supercalifragilisticexpialidocious " * 40,
]
# The heavy and the light chain of trastuzumab's variable part, as published, and the heavy one with five residues changed.
HEAVY = "EVQLVESGGGLVQPGGSLRLSCAASGFNIKDTYIHWVRQAPGKGLEWVARIYPTNGYTRYADSVKGRFTISADTSKNTAYLQMNSLRAEDTAVYYCSRWGGDGFYAMDYWGQGTLVTVSS"
LIGHT = "DIQMTQSPSSLSASVGDRVTITCRASQDVNTAVAWYQQKPGKAPKLLIYSASFLYSGVPSRFSGSRSGTDFTLTISSLQPEDFATYYCQQHYTTPPTFGQGTKVEIK"


def small(name, model, ids):
    torch.manual_seed(1)
    model = model.eval()
    for p in model.parameters():
        torch.nn.init.normal_(p, 0, 0.3)
    folder = HERE / "pretrained" / name
    model.save_pretrained(folder)
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    with torch.no_grad():
        out = model(torch.tensor([ids]))
    values = torch.stack([out.start_logits, out.end_logits], -1) if "start_logits" in out else out.get("logits", out.get("last_hidden_state"))
    expected = dict(version=VERSION, ids=ids, values=values.flatten().tolist())
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def sizes(**more):
    return dict(vocab_size=20, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=14, **more)


def minilm(folder):
    model = BertModel.from_pretrained(folder).eval()
    tokenizer = BertWordPieceTokenizer(f"{folder}/vocab.txt", lowercase=True)
    vectors = []
    for text in SENTENCES:
        ids = tokenizer.encode(text).ids
        ids = ids if len(ids) <= 256 else ids[:255] + ids[-1:]
        with torch.no_grad():
            mean = model(torch.tensor([ids])).last_hidden_state.mean(1)
        vectors.append([round(v, 7) for v in torch.nn.functional.normalize(mean, dim=-1)[0].tolist()])
    (HERE / "minilm.json").write_text(json.dumps(dict(version=VERSION, texts=SENTENCES, vectors=vectors), ensure_ascii=False) + "\n")


def antiberty(folder):
    vocab = pathlib.Path(folder, "vocab.txt").read_text().split()
    state = torch.load(f"{folder}/pytorch_model.bin", map_location="cpu", weights_only=True)
    model = BertForMaskedLM(BertConfig.from_pretrained(folder)).eval()
    wrong = model.load_state_dict({k: v for k, v in state.items() if "position_ids" not in k}, strict=False)
    assert not wrong.missing_keys and all(k.startswith(("cls.species", "cls.chain", "cls.graft", "bert.pooler")) for k in wrong.unexpected_keys)
    chains = []
    for chain in (HEAVY, LIGHT):
        ids = torch.tensor([2] + [vocab.index(c) for c in chain] + [3])
        rows = ids.repeat(len(chain), 1)
        places = torch.arange(len(chain)) + 1
        rows[places - 1, places] = vocab.index("[MASK]")
        with torch.no_grad():
            p = torch.cat([model(part).logits for part in rows.split(16)])[places - 1, places].softmax(-1)
        best = "".join(vocab[i] for i in p.argmax(-1))
        chains.append(dict(chain=chain, best=best, probability=[round(p[i, ids[i + 1]].item(), 6) for i in range(len(chain))]))
        print(sum(a == b for a, b in zip(chain, best)), "of", len(chain))
    (HERE / "antiberty.json").write_text(json.dumps(dict(version=VERSION, chains=chains)) + "\n")


def main():
    ids = [2, 7, 4, 11, 19, 3]
    small("bert-model", BertModel(BertConfig(**sizes())), ids)
    small("bert-masked", BertForMaskedLM(BertConfig(**sizes(hidden_act="relu"))), ids)
    small("bert-classes", BertForSequenceClassification(BertConfig(**sizes(num_labels=3, hidden_act="gelu_new"))), ids)
    small("bert-span", BertForQuestionAnswering(BertConfig(**sizes())), ids)
    small("roberta-masked", RobertaForMaskedLM(RobertaConfig(**sizes(type_vocab_size=1, pad_token_id=1))), ids)
    small("distilbert-masked", DistilBertForMaskedLM(DistilBertConfig(vocab_size=20, dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=14)), ids)
    minilm(sys.argv[1])
    antiberty(sys.argv[2])


if __name__ == "__main__":
    main()
