#!/usr/bin/env python3
"""Makes features.json: the Fréchet distance (scipy.linalg.sqrtm) and precision and recall (numpy, by their definition) of small sets
of features that the test makes by the same rule. features.py > features.json"""
import json
import sys

import numpy as np
import scipy
from scipy.linalg import sqrtm


def features(n, d, shift, scale):
    """Numbers that Go computes too."""
    i, j = np.meshgrid(np.arange(n), np.arange(d), indexing="ij")
    return np.float32(np.sin((i + 1) * (j + 1) * 0.7 + shift) * scale + shift * j * 0.1 + np.cos(i * 1.3 + j * j))


def frechet(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    s1, s2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s1 + s2 - 2 * sqrtm(s1 @ s2).real))


def within(points, centres, k):
    between = np.sqrt(((centres[:, None] - centres[None]) ** 2).sum(-1))
    radii = np.sort(between, axis=1)[:, k]
    distance = np.sqrt(((points[:, None] - centres[None]) ** 2).sum(-1))
    return float((distance <= radii[None]).any(1).mean())


cases = []
for n, m, d, shift, scale, k in [(50, 40, 3, 0.5, 1.5, 3), (200, 150, 8, 0.2, 1.1, 3), (30, 60, 5, 1.0, 0.5, 1), (20, 20, 2, 0.0, 1.0, 5)]:
    a, b = features(n, d, 0.0, 1.0), features(m, d, shift, scale)
    cases.append(dict(n=n, m=m, d=d, shift=shift, scale=scale, k=k, frechet=frechet(a, b),
                      precision=within(b, a, k), recall=within(a, b, k)))
json.dump(dict(numpy=np.__version__, scipy=scipy.__version__, cases=cases), sys.stdout, indent=1)
print()
