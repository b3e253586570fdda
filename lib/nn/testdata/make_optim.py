#!/usr/bin/env python3
"""Writes optim.json: steps of PyTorch's optimisers on a small loss, and the rates of its schedulers, for optim_test.go.

The loss is ((p - [1, -3, 0.5])**4).sum() + cos(p).sum() of p, which begins as [0.3, -0.2, 0.1]; values are p after each of six steps.
Rates are those of the optimiser's steps 1 to 40, where the scheduler is stepped after each.

Made with: torch 2.9.1.
"""
import json
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler as lrs

warnings.simplefilter("ignore")
optimisers = []
for kind, options in (
    ("Adam", {}), ("Adam", dict(weight_decay=0.1)), ("Adam", dict(amsgrad=True)), ("Adam", dict(maximize=True, weight_decay=0.2)),
    ("AdamW", dict(weight_decay=0.1)), ("AdamW", dict(weight_decay=0.1, amsgrad=True, maximize=True)),
    ("SGD", dict(weight_decay=0.1)), ("SGD", dict(momentum=0.9)), ("SGD", dict(momentum=0.9, dampening=0.3)),
    ("SGD", dict(momentum=0.8, nesterov=True, weight_decay=0.1)), ("SGD", dict(maximize=True, momentum=0.5)),
    ("RMSprop", {}), ("RMSprop", dict(alpha=0.8, centered=True)), ("RMSprop", dict(momentum=0.9, weight_decay=0.1)), ("RMSprop", dict(maximize=True)),
    ("Adagrad", {}), ("Adagrad", dict(lr_decay=0.2, weight_decay=0.1, initial_accumulator_value=0.5)), ("Adagrad", dict(maximize=True)),
    ("NAdam", {}), ("NAdam", dict(weight_decay=0.1, momentum_decay=0.1)), ("NAdam", dict(weight_decay=0.1, decoupled_weight_decay=True)), ("NAdam", dict(maximize=True)),
):
    lr = 0.01 if kind == "SGD" else 0.1
    p = torch.tensor([0.3, -0.2, 0.1], dtype=torch.float64, requires_grad=True)
    o = getattr(torch.optim, kind)([p], lr=lr, **options)
    values = []
    for _ in range(6):
        o.zero_grad()
        (((p - torch.tensor([1, -3, 0.5], dtype=torch.float64)) ** 4).sum() + p.cos().sum()).backward()
        o.step()
        values.append(p.tolist())
    optimisers.append(dict(kind=kind, lr=lr, options=options, values=values))

schedules = []
for kind, make in (
    ("StepLR", lambda o: lrs.StepLR(o, 7, 0.5)),
    ("MultiStepLR", lambda o: lrs.MultiStepLR(o, [3, 11, 30], 0.3)),
    ("ExponentialLR", lambda o: lrs.ExponentialLR(o, 0.9)),
    ("ConstantLR", lambda o: lrs.ConstantLR(o, 0.25, 6)),
    ("LinearLR", lambda o: lrs.LinearLR(o, 0.2, 0.8, 9)),
    ("PolynomialLR", lambda o: lrs.PolynomialLR(o, 12, 2.0)),
    ("CosineAnnealingLR", lambda o: lrs.CosineAnnealingLR(o, 15, 0.05)),
    ("CosineAnnealingWarmRestarts", lambda o: lrs.CosineAnnealingWarmRestarts(o, 5, 2, 0.05)),
    ("CosineAnnealingWarmRestarts1", lambda o: lrs.CosineAnnealingWarmRestarts(o, 7, 1, 0.1)),
    ("OneCycleLR", lambda o: lrs.OneCycleLR(o, max_lr=0.5, total_steps=40, cycle_momentum=False)),
    ("SequentialLR", lambda o: lrs.SequentialLR(o, [lrs.LinearLR(o, 0.1, 1.0, 5), lrs.CosineAnnealingLR(o, 20, 0.05), lrs.ExponentialLR(o, 0.8)], [5, 25])),
):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    s = make(o)
    rates = []
    for step in range(40):
        rates.append(o.param_groups[0]["lr"])
        o.step()
        if step < 39:
            s.step()
    schedules.append(dict(kind=kind, rates=rates))

path = pathlib.Path(__file__).parent / "optim.json"
path.write_text(json.dumps(dict(torch=torch.__version__, optimisers=optimisers, schedules=schedules), indent=1) + "\n")
