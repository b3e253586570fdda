"""Makes cases.json: what statsmodels says of models of four classic series.

    pip install statsmodels==0.14.6 numpy==2.2.6 scipy==1.15.3 pandas==2.2.3
    python make.py ../../../data/series/csv > cases.json

With --time it prints each model's fitting time instead, statsmodels' and ours (go test -bench Fit) one after the other:
the best of five each, standard errors included.
"""
import json
import math
import pathlib
import re
import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd
import statsmodels
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.regression.linear_model import yule_walker
from statsmodels.tsa.ar_model import AutoReg
from statsmodels.tsa.stattools import acf, pacf
from statsmodels.tsa.statespace.sarimax import SARIMAX

warnings.simplefilter("ignore")
folder = sys.argv[1]


def column(name):
    return pd.read_csv(f"{folder}/{name}.csv").iloc[:, 1].to_numpy(float)


weekly = pd.read_csv(f"{folder}/co2.csv", parse_dates=["date"], index_col="date").co2
nile = column("nile")
holes = nile.copy()
holes[20:40] = np.nan
holes[60:80] = np.nan
series = {
    "nile": nile,
    "nile with holes": holes,  # Durbin & Koopman 2012, 2.7
    "sunspots": column("sunspots"),
    "log passengers": np.log(column("airpassengers")),
    "co2": weekly.resample("MS").mean().to_numpy(),
    "dam": (np.arange(100) >= 28).astype(float),  # the dam at Aswan, from 1899
}
steps = 24
models = [
    dict(series="nile", order=(1, 0, 0), trend="c"),
    dict(series="nile", order=(0, 1, 1)),
    dict(series="nile", order=(1, 1, 1), trend="c"),
    dict(series="nile", order=(1, 0, 1), trend="ct"),
    dict(series="nile", order=(1, 0, 0), trend="c", exog=["dam"]),
    dict(series="nile with holes", order=(0, 1, 1)),
    dict(series="nile", order=(0, 2, 2), use_exact_diffuse=True),
    dict(series="sunspots", order=(2, 0, 0), trend="c"),
    dict(series="sunspots", order=(2, 0, 2), trend="c"),
    dict(series="sunspots", order=(9, 0, 0), trend="c"),
    dict(series="sunspots", order=(2, 0, 1), trend="c", enforce_stationarity=False, enforce_invertibility=False),
    dict(series="log passengers", order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)),
    dict(series="log passengers", order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), use_exact_diffuse=True),
    dict(series="log passengers", order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), simple_differencing=True),
    dict(series="log passengers", order=(2, 0, 0), seasonal_order=(1, 1, 0, 12), trend="c"),
    dict(series="co2", order=(0, 1, 1), seasonal_order=(0, 1, 1, 12)),
    dict(series="co2", order=(1, 1, 1), seasonal_order=(1, 1, 1, 12)),
    dict(series="co2", order=(0, 1, 1), seasonal_order=(2, 1, 0, 12)),
]


def build(spec):
    spec = dict(spec)
    y = series[spec.pop("series")]
    exog = spec.pop("exog", None)
    if exog:
        exog = np.column_stack([series[name] for name in exog])
    return SARIMAX(y, exog, **spec), exog


def numbers(x):
    """NaN becomes null, and twelve digits are kept."""
    return [None if math.isnan(v) else float(f"{v:.12g}") for v in np.asarray(x, float).ravel()]


def case(spec):
    model, exog = build(spec)
    fit = model.fit(disp=0, maxiter=1000)
    # Default settings stop early: try a second start, and go on to the summit.
    zeros = model.start_params
    for i, name in enumerate(model.param_names):
        if name.startswith(("ar.", "ma.")):
            zeros[i] = 0
    again = model.fit(zeros, disp=0, maxiter=1000)
    fit = again if again.llf > fit.llf else fit
    for method in ["bfgs", "nm"]:
        again = model.fit(fit.params, method=method, disp=0, maxiter=3000)
        if again.llf > fit.llf:
            fit = again
    fixed = np.array([float(f"{v:.3g}") for v in fit.params])  # near the summit, but not on it
    at = model.smooth(fixed)
    approx = model.smooth(fixed, cov_type="approx")
    # Beyond the data the dam stays.
    forecast = at.get_forecast(steps, exog=None if exog is None else np.ones((steps, exog.shape[1])))
    top = fit.get_forecast(steps, exog=None if exog is None else np.ones((steps, exog.shape[1])))
    out = {
        **spec,
        "names": model.param_names,
        "start": numbers(model.start_params),
        "fixed": {
            "params": numbers(fixed), "llf": at.llf, "llf_start": model.smooth(model.start_params).llf,
            "aic": at.aic, "bic": at.bic, "hqic": at.hqic,
            "se_opg": numbers(at.bse), "se_approx": numbers(approx.bse),
            "errors": numbers(at.filter_results.standardized_forecasts_error[0][-5:]),
            # (with values missing, statsmodels' tests take their errors for zeros)
            "ljung_box": numbers(at.test_serial_correlation("ljungbox", lags=[5, 10])[0]),
            "jarque_bera": numbers(at.test_normality("jarquebera")[0]),
            "heteroskedasticity": numbers(at.test_heteroskedasticity("breakvar")[0]),
            "forecast": numbers(forecast.predicted_mean), "interval": numbers(forecast.conf_int(alpha=0.05)),
        },
        "fit": {
            "params": numbers(fit.params), "llf": fit.llf,
            "forecast": numbers(top.predicted_mean), "interval": numbers(top.conf_int(alpha=0.05)),
        },
    }
    return out


def compare_times():
    bench = "go test -run XXX -bench Fit -benchtime 1x -count 5 ."
    ours = {}
    for line in subprocess.run(bench.split(), capture_output=True, text=True, check=True, cwd=pathlib.Path(__file__).parent.parent).stdout.splitlines():
        if "ns/op" in line:
            name, _, ns, *_ = line.split()
            name = name.removeprefix("BenchmarkFit/").rsplit("-", 1)[0]
            ours[name] = min(ours.get(name, 1e18), float(ns) / 1e6)
    print("| model | statsmodels, ms | ours, ms | ratio |\n| --- | --- | --- | --- |")
    ratios = []
    for spec, (name, ms) in zip(models, ours.items(), strict=True):
        best = 1e9
        for _ in range(5):
            begin = time.perf_counter()
            build(spec)[0].fit(disp=0).bse
            best = min(best, (time.perf_counter() - begin) * 1e3)
        ratios.append(best / ms)
        print(f"| {name.replace('_', ' ')} | {best:.1f} | {ms:.1f} | {best / ms:.1f} |")
    print(f"geometric mean {np.exp(np.mean(np.log(ratios))):.1f}, least {min(ratios):.1f}")


def main():
    if "--time" in sys.argv:
        compare_times()
        return
    spots = series["sunspots"]
    rho, sigma = yule_walker(spots, 4, method="mle")
    ols = AutoReg(spots, 4, trend="c").fit()
    doc = {
        "program": "testdata/make.py",
        "versions": {"statsmodels": statsmodels.__version__, "numpy": np.__version__, "pandas": pd.__version__},
        "series": {name: numbers(y) for name, y in series.items()},
        "cases": [case(spec) for spec in models],
        "ar": {
            "yule_walker": numbers(rho), "yule_walker_sigma2": sigma**2,
            "least_squares": numbers(ols.params), "least_squares_sigma2": ols.sigma2,
            "least_squares_se": numbers(ols.bse), "least_squares_forecast": numbers(ols.forecast(12)),
            "acf": numbers(acf(spots, nlags=20)), "pacf": numbers(pacf(spots, nlags=20, method="ldb")),
            # (with values missing, statsmodels' tests take their errors for zeros)
            "ljung_box": numbers(acorr_ljungbox(spots, lags=[10]).to_numpy()),
        },
        # The 16 airline-like models of the passengers: their AIC by (p, q, P, Q).
        "search": {
            f"ARIMA({p},1,{q})({P},1,{Q})12": SARIMAX(
                series["log passengers"], order=(p, 1, q), seasonal_order=(P, 1, Q, 12)).fit(disp=0, maxiter=500).aic
            for p in (0, 1) for q in (0, 1) for P in (0, 1) for Q in (0, 1)
        },
    }
    text = json.dumps(doc, indent=1)
    # One line a list of numbers keeps the file readable.
    print(re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)) + "]", text))


main()
