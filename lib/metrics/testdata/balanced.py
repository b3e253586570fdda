"""Writes balanced.json: what scikit-learn and SciPy say of made classifications."""
import json
import pathlib

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

rng = np.random.default_rng(3)
classes = np.concatenate([np.zeros(40, int), np.ones(7, int), np.full(13, 2)])
logits = np.round(rng.normal(size=(60, 3)) + 1.2 * np.eye(3)[classes], 1)  # ties, too
p = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 3)
p[:, 2] = np.round(1 - p[:, 0] - p[:, 1], 3)
told = p.argmax(1)
two = classes < 2
values = np.round(rng.normal(0.8, 0.05, 5), 4)
low, high = scipy.stats.t.interval(0.95, 4, values.mean(), scipy.stats.sem(values))
out = dict(version=f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}", classes=classes.tolist(), probabilities=p.tolist(), told=told.tolist(),
           balanced=balanced_accuracy_score(classes, told), area=roc_auc_score(classes, p, multi_class="ovr"),
           values=values.tolist(), mean=values.mean(), half=(high - low) / 2)
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
