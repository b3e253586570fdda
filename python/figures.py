"""Trains models to their figures and writes docs/figures.md: what each reached, with the command, the date and the machine.

figures.py [--quick] [NAME ...]   --quick trains shortly, to see that all runs, and writes nothing. NAME picks figures.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys
import time

# name, command, the metric in metrics.jsonl, its unit, what PyTorch reaches, the bound that the figure must keep, and what --quick adds
FIGURES = [
    ("vae, seed 1", "bin/genlab train vae --epochs 10 --seed 1", "test_loss", "nats a test image", "105.3", 106.0, "--epochs 1"),
    ("vae, seed 2", "bin/genlab train vae --epochs 10 --seed 2", "test_loss", "nats a test image", "105.8", 106.0, "--epochs 1"),
]


def machine():
    model = platform.processor() or platform.machine()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    return f"{os.cpu_count()} cores of {model}, {platform.system()}"


def last(run, metric):
    values = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [v[metric] for v in values if metric in v][-1]


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--quick", action="store_true", help="train shortly and write nothing")
    args.add_argument("names", nargs="*", help="figures to make; all when none is given")
    args = args.parse_args()
    rows, failed = [], False
    for name, command, metric, unit, pytorch, bound, quick in FIGURES:
        if args.names and not any(n in name for n in args.names):
            continue
        run = pathlib.Path(".cache/figures") / ("quick" if args.quick else "full") / name.replace(",", "").replace(" ", "-")
        subprocess.run(["rm", "-rf", run], check=True)
        full = f"{command} {quick}" if args.quick else command
        print(f"figures: {name}: {full}", flush=True)
        began = time.monotonic()
        subprocess.run([*shlex.split(full), "--run", str(run)], check=True)
        seconds, value = time.monotonic() - began, last(run, metric)
        good = args.quick or value <= bound
        failed |= not good
        print(f"figures: {name}: {value:.2f} {unit} in {seconds:.0f} s{'' if good else f', worse than {bound}'}", flush=True)
        rows.append(f"| {name} | {value:.2f} {unit} | {pytorch} | {seconds:.0f} s | `{command}` |")
    if not args.quick and not args.names:
        text = (
            "# Figures\n\nWhat each model was trained to, beside what PyTorch reaches with the same sizes, data and steps.\n"
            f"Made by `make figures` on {datetime.date.today()}: {machine()}.\n\n"
            "| figure | reached | PyTorch | time | command |\n| --- | --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
        )
        path = pathlib.Path("docs/figures.md")
        path.with_suffix(".new").write_text(text)
        path.with_suffix(".new").replace(path)
    sys.exit(failed)


if __name__ == "__main__":
    main()
