"""GPT, writing on from a prompt: transformers' generate, and a loop with a cache in JAX."""
import bench_gpt
import train


def torch_side(case):
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel
    if case.mode == "compile":
        raise NotImplementedError("transformers' generate is timed as it comes")
    model = GPT2LMHeadModel(GPT2Config(vocab_size=case.vocab, n_positions=case.length, n_layer=case.layers, n_head=case.heads,
                                       n_embd=case.embed, bos_token_id=0, eos_token_id=None)).eval()
    model.load_state_dict(case.torch("weights"))
    prompt = case.torch("inputs")["prompt"].long()

    def step():
        out = model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=case.new, min_new_tokens=case.new,
                             do_sample=False, pad_token_id=0)
        return out[:, prompt.shape[1]:].flatten().tolist()

    return step


def jax_side(case):
    import jax
    import jax.numpy as jnp
    w, prompt = case.jax("weights"), case.jax("inputs")["prompt"]
    room, dim = case.prompt + case.new, case.embed // case.heads

    def forward(w, tokens, at, cache):
        """tokens: [batch, n] at places at, at+1, …; cache: a pair [batch, room, heads, dim] for each layer."""
        n = tokens.shape[1]
        places = at + jnp.arange(n)
        x = w["transformer.wte.weight"][tokens] + w["transformer.wpe.weight"][places]
        mask, after = jnp.arange(room)[None, :] <= places[:, None], []
        for i, (keys, values) in enumerate(cache):
            def attend(q, k, v):
                both = (jax.lax.dynamic_update_slice(keys, k, (0, at, 0, 0)), jax.lax.dynamic_update_slice(values, v, (0, at, 0, 0)))
                after.append(both)
                return bench_gpt.softmax_attention(q, *both, mask)
            x = bench_gpt.block(case, w, i, x, attend)
        logits = train.layer_norm(w, "transformer.ln_f", x[:, -1]) @ w["transformer.wte.weight"].T
        return logits.argmax(-1).astype(jnp.int32), after

    @jax.jit
    def generate(w, prompt):
        zero = jnp.zeros((case.batch, room, case.heads, dim))
        token, cache = forward(w, prompt, 0, [(zero, zero)] * case.layers)

        def one(state, at):
            token, cache = state
            following, cache = forward(w, token[:, None], at, cache)
            return (following, cache), token

        (last, _), tokens = jax.lax.scan(one, (token, cache), case.prompt + jnp.arange(case.new - 1))
        return jnp.concatenate([tokens.T, last[:, None]], 1)

    return lambda: generate(w, prompt).flatten().tolist()
