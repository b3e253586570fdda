"""scikit-learn's detectors on the tables that `genlab measure anomalies --table` judges ours on, on the same folds.

tables.py shuttle SHUTTLE_RDA CSV   writes NASA's shuttle data of R's package mlbench as CSV: the class High left out, anomaly is 1 for what isn't Rad.Flow
tables.py judge CSV LABEL           judges IsolationForest and OneClassSVM (needs scikit-learn and pandas)

Fold k of five tests every fifth normal row, from the k-th on, and all others; the rest of the normal rows is learnt. Columns are standardised by it, missing
values are its medians. The SVM learns every n-th of these rows, so that they are at most 5,000: its time grows with their square.
"""
import sys

import numpy as np
import pandas as pd


def shuttle(source, target):
    import rdata
    table = rdata.read_rda(source)["Shuttle"]
    table = table[table["Class"] != "High"]
    label = (table["Class"] != "Rad.Flow").astype(int)
    table.drop(columns="Class").assign(anomaly=label).to_csv(target, index=False)


def judge(path, label):
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import average_precision_score, roc_auc_score
    from sklearn.svm import OneClassSVM
    table = pd.read_csv(path, na_values=["na"])
    meant = table[label].isin([1, "1", "pos"]).values
    x = table.drop(columns=label).values.astype(float)
    normal = np.flatnonzero(~meant)
    found = {}
    for fold in range(5):
        tested = np.arange(len(normal)) % 5 == fold
        learn, test = normal[~tested], np.concatenate([normal[tested], np.flatnonzero(meant)])
        with np.errstate(all="ignore"):
            median = np.nanmedian(x[learn], 0)
        median = np.where(np.isnan(median), 0, median)
        whole = np.where(np.isnan(x), median, x)
        mean, std = whole[learn].mean(0), whole[learn].std(0)
        whole = (whole - mean) / np.where(std > 0, std, 1)
        for name, detector, rows in (
            ("IsolationForest", IsolationForest(random_state=fold + 1), learn),
            ("OneClassSVM", OneClassSVM(nu=0.01), learn[:: max(1, -(-len(learn) // 5000))]),
        ):
            scores = -detector.fit(whole[rows]).score_samples(whole[test])
            found.setdefault(name, []).append((roc_auc_score(meant[test], scores), average_precision_score(meant[test], scores)))
    for name, values in found.items():
        mean, spread = np.mean(values, 0), np.std(values, 0, ddof=1) * 2.776 / np.sqrt(5)  # Student's t, 95 % of 4 degrees
        print(f"{name:16} AUROC {mean[0]:.4f} ± {spread[0]:.4f}  AP {mean[1]:.4f} ± {spread[1]:.4f}")


if __name__ == "__main__":
    {"shuttle": shuttle, "judge": judge}[sys.argv[1]](*sys.argv[2:])
