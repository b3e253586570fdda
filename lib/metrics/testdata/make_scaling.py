"""Makes scaling.json: SciPy's fit of Hoffmann et al.'s law to the trainings of docs/figures.md, by their Huber loss, from a grid of starts.

    python make_scaling.py > scaling.json
"""

import itertools
import json

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.special import logsumexp

TOKENS = [153600, 307200, 614400, 1228800]
LOSSES = {
    12384: [2.9359, 2.5554, 2.4687, 2.3686], 24736: [2.8374, 2.5335, 2.4456, 2.3015], 98624: [2.5329, 2.4516, 2.2363, 1.9785],
    197184: [2.5467, 2.4531, 2.2903, 1.9810], 443232: [2.4881, 2.4067, 2.1115, 1.8227], 787584: [2.4589, 2.3332, 2.0065, 1.7563],
}
points = np.array([(n, d, l) for n, row in LOSSES.items() for d, l in zip(TOKENS, row)])
N, D, L = points.T


def loss(x):
    a, b, e, alpha, beta = x
    r = np.abs(logsumexp([a - alpha * np.log(N), b - beta * np.log(D), np.full(len(N), e)], axis=0) - np.log(L))
    return np.where(r <= 1e-3, r * r / 2, 1e-3 * (r - 1e-3 / 2)).sum()


best = None
for start in itertools.product([0, 5, 10], [0, 5, 10], [-1, 0, 0.7], [0, 0.5, 1], [0, 0.5, 1]):
    r = minimize(loss, start, method="BFGS", options=dict(gtol=1e-9, maxiter=5000))
    r = minimize(loss, r.x, method="Nelder-Mead", options=dict(xatol=1e-10, fatol=1e-15, maxiter=20000, maxfev=20000)) if r.fun < 0.03 else r
    if best is None or r.fun < best.fun:
        best = r
a, b, e, alpha, beta = best.x
law = dict(E=np.exp(e), A=np.exp(a), B=np.exp(b), Alpha=alpha, Beta=beta)
print(json.dumps(dict(program=f"scipy {scipy.__version__}", points=points.tolist(), loss=best.fun, law=law), indent=1))
