"""Makes the case files of lib/torch. Made with PyTorch 2.9.1, safetensors 0.7.0 and torchinfo 1.8.0:

    python make.py
"""

import argparse
import collections
import json
import os
import pathlib
from collections import OrderedDict

import numpy as np
import torch
import torchinfo
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(here, name)


torch.manual_seed(1)

# dtypes.safetensors: each dtype that PyTorch and safetensors share, values that tell rounding and signs.
values = [0.0, 1.0, -2.5, 3.140625, 65504.0, 1e-7]
dtypes = OrderedDict()
for name in ["float32", "float16", "bfloat16", "float64", "complex64", "float8_e5m2", "float8_e4m3fn"]:
    dtypes[name] = torch.tensor(values).clamp(max=400 if "float8" in name else 1e9).to(getattr(torch, name)).reshape(2, 3)
for name in ["int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"]:
    dtypes[name] = torch.tensor([0, 1, 127, 100], dtype=getattr(torch, name))
dtypes["bool"] = torch.tensor([True, False, True])
dtypes["scalar"] = torch.tensor(7, dtype=torch.int64)
dtypes["empty"] = torch.zeros(0, 3)
dtypes['strange "name"\\ <é>\n'] = torch.zeros(1)
save_file(dtypes, path("dtypes.safetensors"), metadata={"format": "pt"})

# shards/: a model in two files with an index.
os.makedirs(path("shards"), exist_ok=True)
first = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.arange(2.0)}
second = {"b.weight": torch.arange(2.0) + 10}
names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
save_file(first, path("shards/" + names[0]), metadata={"format": "pt"})
save_file(second, path("shards/" + names[1]), metadata={"format": "pt"})
index = {
    "metadata": {"total_size": 40},
    "weight_map": {**{k: names[0] for k in first}, **{k: names[1] for k in second}},
}
with open(path("shards/model.safetensors.index.json"), "w") as f:
    json.dump(index, f, indent=2)

# net.pt: a module's state_dict with running statistics and tied weights, as a file of today; net.safetensors: the same values.
net = torch.nn.Sequential(OrderedDict(conv=torch.nn.Conv2d(1, 2, 3), norm=torch.nn.BatchNorm2d(2), out=torch.nn.Linear(3, 2)))
net.tied = torch.nn.Linear(3, 2)
net.tied.weight = net.out.weight
net.norm(net.conv(torch.randn(3, 1, 5, 5)))
torch.save(net.state_dict(), path("net.pt"))
save_file({k: v.clone() for k, v in net.state_dict().items()}, path("net.safetensors"))
torch.save(net.state_dict(), path("legacy.pt"), _use_new_zipfile_serialization=False)

# views.pt: tensors that share a storage, with strides and offsets; half types; parameters; nested dicts.
base = torch.arange(24, dtype=torch.float32)
views = {
    "transposed": base.reshape(4, 6).t(),
    "offset": base[5:9],
    "strided": base[1::5],
    "expanded": torch.tensor([1.0, 2.0]).expand(3, 2),
    "scalar": torch.tensor(3.5, dtype=torch.float64),
    "empty": torch.zeros(0, 4),
    "half": torch.tensor(values).half(),
    "bfloat": torch.tensor(values).bfloat16(),
    "long": torch.tensor([-1, 2**40]),
    "bool": torch.tensor([[True], [False]]),
    "uint16": torch.tensor([1, 65535], dtype=torch.uint16),
    "float8": torch.tensor([1.0, -2.0]).to(torch.float8_e4m3fn),
    "parameter": torch.nn.Parameter(torch.ones(2, 2)),
}
torch.save(views, path("views.pt"))
save_file({k: v.detach().contiguous().clone() for k, v in views.items()}, path("views.safetensors"))

# views_legacy.pt: those of them that the older format can hold, and one whose axes lie in another order, as weights of cuDNN's were kept.
old = {k: v for k, v in views.items() if k not in ("uint16", "float8")}
old["permuted"] = torch.arange(24.0).reshape(2, 3, 2, 2).to(memory_format=torch.channels_last)
torch.save(old, path("views_legacy.pt"), _use_new_zipfile_serialization=False)
save_file({k: v.detach().contiguous().clone() for k, v in old.items()}, path("views_legacy.safetensors"))

# python2.pt: the older format as Python 2 and PyTorch 0.3 wrote it: texts as bytes, pairs in lists, a memo from 1 on, _rebuild_tensor
# without hooks, a view of a storage. No such Python is at hand; that torch.load reads it is the proof.
storage = b"(U\x07storagectorch\nFloatStorage\nU\x05keyq1U\x03cpuK\x08%btQ"
pickled = (
    b"\x80\x02ccollections\nOrderedDict\nq\x01]q\x02(]q\x03(U\x01aq\x04ctorch._utils\n_rebuild_tensor\nq\x05("
    + storage % b"N" + b"K\x00K\x02K\x03\x86K\x01K\x02\x86tRe]q\x06(U\x01bh\x05(" + storage % b"U\x04viewK\x03K\x04\x87" + b"K\x01K\x03\x85K\x01\x85tRee\x85q\x07R."
)
with open(path("python2.pt"), "wb") as f:
    f.write(b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x01(U\x10protocol_versionK\x01U\x0dlittle_endian\x88u.")
    f.write(pickled + b"\x80\x02]q\x01U\x05keyq1a." + (8).to_bytes(8, "little") + torch.arange(8.0).numpy().tobytes())
read = torch.load(path("python2.pt"), weights_only=False)
assert read["a"].tolist() == [[0, 2, 4], [1, 3, 5]] and read["b"].tolist() == [4, 5, 6], read

# nested.pt: what trainings save, a state_dict among other things. wrapped.pt: one beside all that a training keeps.
torch.save(
    {"model": {"fc": OrderedDict(weight=torch.ones(1, 2), bias=torch.zeros(1))}, "ema": {"fc.weight": torch.full((2,), 2.0)}},
    path("nested.pt"),
)
torch.save({"model": {"w": torch.ones(1)}, "epoch": 3, "lr": 1e-3}, path("checkpoint.pt"))
small = torch.nn.Linear(2, 1)
optimizer = torch.optim.Adam(small.parameters())
small(torch.ones(1, 2)).sum().backward()
optimizer.step()
small.weight.note = "an attribute"
wrapped = {
    "epoch": 3, "best_acc1": torch.tensor(0.5), "args": argparse.Namespace(lr=0.1, path=pathlib.PurePosixPath("data")), "loss": np.float64(0.25),
    "optimizer": optimizer.state_dict(), "scheduler": {"milestones": collections.Counter([3, 5]), "best": None, "seed": 2**80},
    "rng_state": torch.get_rng_state()[:4].clone(), "classes": {"a", "b"}, "state_dict": {"weight": small.weight, "bias": small.bias},
}
torch.save(wrapped, path("wrapped.pt"))
torch.save(wrapped, path("wrapped_legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(
    {"state_dict": {"model.w": torch.ones(1)}, "callbacks": {"best": {"score": torch.tensor(1.0)}}, "buffer": bytearray(b"x"), "optim": {"model.w": torch.ones(1)}, "kinds": frozenset("a"),
     "quantized": torch.quantize_per_tensor(torch.ones(1), 0.1, 0, torch.qint8), "wide": torch.ones(1, dtype=torch.complex128), "huge": -(2**4000)},
    path("lightning.pt"), pickle_protocol=5,
)
torch.save({"generator": {"w": torch.ones(1)}, "discriminator": {"w": torch.zeros(1)}}, path("parts.pt"))
torch.save([{"epoch": 1}, ({"params": {"g": {"w": torch.ones(1)}, "d": {"w": torch.zeros(1)}}},)], path("deep.pt"))
save_file({"weight": small.weight.detach().clone(), "bias": small.bias.detach().clone()}, path("wrapped.safetensors"))
torch.save(torch.nn.Linear(1, 1), path("module.pt"))

# norm_*.pt: what load_state_dict(strict=True) takes into a BatchNorm; norm.safetensors is what it has then.
for name, change in {
    "missing": {"num_batches_tracked": None},
    "list": {"num_batches_tracked": torch.tensor([7])},
    "float": {"num_batches_tracked": torch.tensor(7.9)},
    "int": {"num_batches_tracked": torch.tensor(7, dtype=torch.int32), "weight": torch.tensor([2, 3]), "bias": torch.tensor([True, False])},
    "double": {"running_var": torch.tensor([0.1, 0.2], dtype=torch.float64), "running_mean": torch.tensor([0.1, 0.2]).bfloat16()},
}.items():
    fresh = torch.nn.BatchNorm1d(2)
    given = {k: v for k, v in {**fresh.state_dict(), **change}.items() if v is not None}
    print(name, fresh.load_state_dict(given, strict=True))
    torch.save(given, path(f"norm_{name}.pt"))
    save_file(fresh.state_dict(), path(f"norm_{name}.safetensors"))
torch.save([torch.ones(1)], path("list.pt"))
torch.save({"w": torch.ones(2).to_sparse()}, path("sparse.pt"))


class Evil:
    def __reduce__(self):
        return os.system, ("echo pwned",)


torch.save({"w": torch.ones(1), "x": Evil()}, path("evil.pt"))
torch.save({"w": torch.ones(1)}, path("protocol4.pt"), pickle_protocol=4)


# print.txt: what print shows of modules in modules; ModuleList folds equal neighbours, Sequential doesn't.
class Block(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc = torch.nn.Linear(n, n)
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.fc(x))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(5, 4)
        self.blocks = torch.nn.ModuleList([Block(4), Block(4), Block(3), Block(4), Block(4), Block(4)])
        self.heads = torch.nn.ModuleList([torch.nn.Linear(1, 2), torch.nn.Linear(1, 2)])
        self.twice = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.Dropout(0.5))
        self.none = torch.nn.ModuleList()
        self.empty = torch.nn.Sequential()
        self.scale = torch.nn.Parameter(torch.ones(1))


with open(path("print.txt"), "w") as f:
    print(Model(), file=f)


# summary.txt: torchinfo's table.
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        nn = torch.nn
        self.main = nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1, bias=False), nn.BatchNorm2d(8), nn.LeakyReLU(0.2), nn.ConvTranspose2d(8, 3, 4, 2, 1))
        self.out = nn.Linear(192, 10)
        self.rnn = nn.RNN(2, 10, batch_first=True)
        self.blocks = nn.ModuleList([Block(10), Block(10)])

    def forward(self, x):
        x = self.out(self.main(x).flatten(1))
        x = self.rnn(x.reshape(-1, 5, 2))[0][:, -1]
        for b in self.blocks:
            x = b(x)
        return x


table = torchinfo.summary(Net(), input_size=(2, 3, 8, 8), depth=9, col_names=("output_size", "num_params", "mult_adds"), verbose=0)
with open(path("summary.txt"), "w") as f:
    print(str(table).replace("Units.MEGABYTES", "M"), file=f)  # as Python before 3.12 formats it
