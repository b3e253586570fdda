"""Writes alarms.json: what the Skoltech Anomaly Benchmark's own evaluator says of predictions.

alarms.py SKAB, a checkout of github.com/waico/SKAB (b2c0d46): its core/metrics.py, data and the predictions of its results. Lists are run lengths,
[value, times, value, times, ...]; times of rows are differences in seconds.
"""
import glob
import itertools
import json
import os
import pathlib
import pickle
import sys

import numpy as np
import pandas as pd

root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root))
from core import metrics  # noqa: E402

metrics.round = lambda value, digits: value  # the figures whole


def runs(values):
    return [n for value, group in itertools.groupby(int(v) for v in values) for n in (value, len(list(group)))]


def changes(prediction):
    cp = abs(prediction.diff())
    cp.iloc[0] = prediction.iloc[0]
    return cp


files = sorted(f for f in glob.glob(str(root / "data" / "*" / "*.csv")) if "anomaly-free" not in f)
tests = [pd.read_csv(f, sep=";", index_col="datetime", parse_dates=True).iloc[400:] for f in files]
rng = np.random.default_rng(1)
cases = []
for name in ("Conv_AE", "T2-q", "Isolation_Forest", "made"):
    if name == "made":  # blocks of 1 to 100 rows
        predicted = [pd.Series(np.repeat(rng.integers(0, 2, len(t)), rng.integers(1, 100, len(t)))[: len(t)], index=t.index) for t in tests]
    else:
        by_time = {(p.index[0], len(p)): p for p in pickle.load(open(root / f"results/results-{name}.pkl", "rb"))}
        predicted = [by_time[t.index[0], len(t)].fillna(0).astype(int) for t in tests]
    f1, far, mar = metrics.chp_score([t["anomaly"] for t in tests], predicted, metric="binary", verbose=False)
    window = dict(window_width="60s", anomaly_window_destination="righter", verbose=False)
    cps = [changes(p) for p in predicted]
    nab = metrics.chp_score([t["changepoint"] for t in tests], cps, metric="nab", **window)
    delay, missed, falsely, true = metrics.chp_score([t["changepoint"] for t in tests], cps, metric="average_time", **window)
    cases.append(dict(name=name, predicted=[runs(p) for p in predicted], f1=float(f1), far=float(far), mar=float(mar),
                      nab=[float(nab[k]) for k in ("Standard", "LowFP", "LowFN")], missed=int(missed), false=int(falsely), true=int(true),
                      delay=float(delay.total_seconds())))
experiments = [dict(first=int(t.index[0].timestamp()), steps=runs(np.diff(t.index.values).astype("timedelta64[s]").astype(int)),
                    anomaly=runs(t["anomaly"]), changepoint=runs(t["changepoint"])) for t in tests]
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(dict(version="waico/SKAB b2c0d46, pandas " + pd.__version__, experiments=experiments, cases=cases), separators=(",", ":")) + "\n")
print([(c["name"], c["f1"], c["far"], c["mar"], c["nab"], c["missed"], c["false"], c["delay"]) for c in cases], os.path.getsize(path))
