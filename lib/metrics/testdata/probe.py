"""Writes probe.json: what scikit-learn's LogisticRegression finds in made features."""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(1)
classes = rng.integers(0, 3, 90)
x = np.round(rng.normal(size=(90, 4)) + np.eye(3, 4)[classes] * 1.2, 6)
fit = LogisticRegression(tol=1e-10, max_iter=10000).fit(x[:60], classes[:60])
out = dict(version="scikit-learn " + sklearn.__version__, x=x.tolist(), classes=classes.tolist(), known=60, weights=fit.coef_.tolist(),
           intercept=fit.intercept_.tolist(), told=fit.predict(x[60:]).tolist())
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
