#!/usr/bin/env python3
"""Makes equivariance.json: a smooth random picture shifted and turned by the functions of NVIDIA's stylegan3, a checkout of which is the
argument (c233a919), with PyTorch. equivariance.py CHECKOUT > equivariance.json"""
import json
import pathlib
import sys

import torch
import torch.nn.functional as F

SIZE = 24
checkout = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(checkout))
theirs = {}
exec((checkout / "metrics/equivariance.py").read_text().replace("from . import metric_utils", ""), theirs)

torch.manual_seed(1)
picture = F.avg_pool2d(F.pad(torch.rand(1, 1, SIZE, SIZE), (1, 1, 1, 1)), 3, 1)
cases = []


def add(kind, args, values, mask):
    inside = "".join("1" if v > 0 else "0" for v in mask.flatten().tolist())
    cases.append(dict(kind=kind, args=args, values=[round(v, 7) for v in values.flatten().tolist()], inside=inside))


add("whole", [2, -3], *theirs["apply_integer_translation"](picture, 2 / SIZE, -3 / SIZE))
add("part", [0.07 * SIZE, -0.031 * SIZE], *theirs["apply_fractional_translation"](picture, 0.07, -0.031))
add("turn", [0.6], *theirs["apply_fractional_rotation"](picture, 0.6))
add("pseudo", [0.6], *theirs["apply_fractional_pseudo_rotation"](picture, 0.6))
json.dump(dict(size=SIZE, picture=picture.flatten().tolist(), cases=cases), sys.stdout)
print()
