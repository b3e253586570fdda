"""Trains models to their figures and writes docs/figures.md: what each reached, with the command, the date and the machine.

figures.py [--quick] [NAME ...]   --quick trains shortly, to see that all runs, and writes nothing. NAME picks figures by a part of their
names: their rows of the table are renewed, the others and the text around it stay.
"""
import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import shlex
import shutil
import subprocess
import sys
import time

PAGE = pathlib.Path("docs/figures.md")
HEAD = "| figure | reached | PyTorch | time | made | command |"


@dataclasses.dataclass
class Figure:
    name: str
    command: str  # {runs} is the folder that holds the runs of all figures, so that one can use what an earlier one trained
    metric: str  # of metrics.jsonl, its last value
    unit: str
    pytorch: str  # what PyTorch reaches with the same sizes, data and steps
    bound: float  # that the figure must keep
    quick: str  # added by --quick
    more: bool = False  # better is more, not less

    @property
    def run(self):
        return self.name.replace(",", "").replace(" ", "-")

    def good(self, value):
        return value >= self.bound if self.more else value <= self.bound


FIGURES = [
    Figure("vae, seed 1", "bin/genlab train vae --epochs 10 --seed 1", "test_loss", "nats a test image", "105.3", 106.0, "--epochs 1"),
    Figure("vae, seed 2", "bin/genlab train vae --epochs 10 --seed 2", "test_loss", "nats a test image", "105.8", 106.0, "--epochs 1"),
    Figure("classifier", "bin/genlab train classifier", "accuracy", "of the test digits told right", "", 0.992, "--epochs 1", more=True),
    Figure("dcgan", "bin/genlab train dcgan --size 64 --ngf 32 --ndf 16 --init pytorch --rate 6e-4 --epochs 5 --seed 11 --classifier {runs}/classifier",
           "frechet", "of Fréchet distance to the test digits", "158.4", 80, "--size 32 --ngf 8 --ndf 8 --epochs 1"),
    Figure("lstm, Opticks", "bin/genlab train lstm", "validation_loss", "nats a character of the validation text", "1.483", 1.52, "--epochs 1"),
    Figure("gpt, Opticks", "bin/genlab train gpt", "val_loss", "nats a character of the validation text", "1.72", 1.72, "--epochs 1 --steps 20 --warmup 5"),
    Figure("gpt, Opticks, modern", "bin/genlab train gpt --preset modern", "val_loss", "nats a character of the validation text", "", 1.52,
           "--epochs 1 --steps 20 --warmup 5"),
    Figure("translator, German", "bin/genlab train translator --to de --epochs 3 --held-out 10000", "exact", "of 10,000 held-out phrases exact", "", 0.99,
           "--epochs 1 --pairs 2000 --held-out 100", more=True),
    Figure("translator, Russian", "bin/genlab train translator --to ru --epochs 3 --held-out 10000", "exact", "of 10,000 held-out phrases exact", "", 0.99,
           "--epochs 1 --pairs 2000 --held-out 100", more=True),
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


def make(figure, runs, quick):
    """Trains a figure's run afresh; returns its value and the seconds that it took."""
    shutil.rmtree(runs / figure.run, ignore_errors=True)
    command = f"{figure.command} {figure.quick}" if quick else figure.command
    print(f"figures: {figure.name}: {command}", flush=True)
    began = time.monotonic()
    subprocess.run([*shlex.split(command.format(runs=runs)), "--run", str(runs / figure.run)], check=True)
    return last(runs / figure.run, figure.metric), time.monotonic() - began


def write(rows):
    """Renews the rows of the page's table, in the order of FIGURES."""
    before, after = PAGE.read_text().split(HEAD)
    table, _, after = after.partition("\n\n")
    old = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| ---")}
    lines = [HEAD, "| --- " * HEAD.count(" |") + "|"] + [line for f in FIGURES if (line := rows.get(f.name, old.get(f.name)))]
    text = before + "\n".join(lines) + "\n" + (f"\n{after}" if after else "")
    new = PAGE.with_suffix(".new")
    new.write_text(text)
    new.replace(PAGE)


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--quick", action="store_true", help="train shortly and write nothing")
    args.add_argument("names", nargs="*", help="parts of the names of the figures to make; all when none is given")
    args = args.parse_args()
    runs = pathlib.Path(".cache/figures") / ("quick" if args.quick else "full")
    failed = False
    for figure in FIGURES:
        if args.names and not any(n in figure.name for n in args.names):
            continue
        value, seconds = make(figure, runs, args.quick)
        good = args.quick or figure.good(value)
        failed |= not good
        print(f"figures: {figure.name}: {value:.4g} {figure.unit} in {seconds:.0f} s{'' if good else f', its bound is {figure.bound}'}", flush=True)
        if not args.quick:  # at once: an interrupted run of all keeps what it reached
            write({figure.name: f"| {figure.name} | {value:.5g} {figure.unit} | {figure.pytorch} | {seconds:.0f} s | {datetime.date.today()}, {machine()} "
                                f"| `{figure.command.format(runs='runs')}` |"})
    sys.exit(failed)


if __name__ == "__main__":
    main()
