"""BERT in PyTorch, by transformers: parity's cases."""
import torch
from transformers import BertConfig, BertForMaskedLM, BertModel


def sizes(r):
    heads = r.randint(1, 5)
    return dict(vocab_size=r.randint(20, 200), hidden_size=heads * r.randint(2, 9), num_hidden_layers=r.randint(1, 3), num_attention_heads=heads,
                intermediate_size=r.randint(3, 70), max_position_embeddings=r.randint(12, 40), type_vocab_size=r.randint(1, 3),
                hidden_act=r.choice(["gelu", "gelu_new", "relu"]), layer_norm_eps=r.choice([1e-12, 1e-5]))


def made(config):
    return BertConfig(**config, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="eager")


def texts(config, *shape):
    """Texts with padding at their ends, two segments where the model has them."""
    length = torch.randint(2, shape[-1] + 1, (*shape[:-1], 1))
    place = torch.arange(shape[-1])
    return dict(input_ids=torch.randint(1, config["vocab_size"], shape), attention_mask=(place < length).long(),
                token_type_ids=((place > length // 2) & (config["type_vocab_size"] > 1)).long())


def labels(inputs, config):
    shape = inputs["input_ids"].shape
    drawn = torch.where(torch.rand(shape) < 0.3, torch.randint(0, config["vocab_size"], shape), torch.tensor(-100))
    drawn[..., 0] = inputs["input_ids"][..., 0]
    return dict(inputs, labels=drawn)


def forward(name, config, batch, length):
    from case import Case

    def compute(model, inputs):
        out = model(**inputs)
        return dict(last_hidden_state=out.last_hidden_state, pooler_output=out.pooler_output)

    return Case(name, "forward", "bert.model", config, BertModel(made(config)), texts(config, batch, length), compute, "eval")


def steps(name, config, count, batch, length):
    import case
    config = dict(config)
    lr, eps = config.pop("lr"), config.pop("eps")
    model = BertForMaskedLM(made(config))

    def compute(model, inputs):
        return case.train(model, lambda given: model(**given).loss, torch.optim.Adam(model.parameters(), lr=lr, eps=eps), inputs)

    inputs = labels(texts(config, count, batch, length), config)
    return case.Case(name, "step", "bert.mlm", config | dict(lr=lr, eps=eps), model, inputs, compute, **case.STEPS)


def fixed():
    """The cases in testdata/parity were made beside this program, by transformers 5.12.1."""
    return []


def fresh(r):
    """Cases of random sizes."""
    from case import settled
    config = sizes(r)
    yield forward("bert-model", config, r.randint(1, 5), r.randint(2, 12))
    yield settled(steps, "bert-steps", config | dict(lr=1e-3, eps=1e-4), r.randint(1, 3), r.randint(1, 4), r.randint(4, 12))
