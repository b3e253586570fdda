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
    """As a model's spec.go declares it (lib/spec, Figure)."""
    name: str
    args: str
    metric: str
    unit: str
    pytorch: str
    bound: float
    more: bool
    quick: str

    @property
    def run(self):
        return self.name.replace(",", "").replace(" ", "-")

    @property
    def command(self):
        return f"bin/genlab {self.args}"

    def good(self, value):
        return value >= self.bound if self.more else value <= self.bound


def declared():
    models = json.loads(subprocess.run(["bin/genlab", "models", "--json"], check=True, capture_output=True, text=True).stdout)
    figures = [Figure(**f) for m in models for f in m["figures"]]
    used = [f for f in figures if any(f"{{runs}}/{f.run}" in other.args for other in figures)]
    return used + [f for f in figures if f not in used]  # what others need comes first


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


def write(rows, figures):
    """Renews the rows of the page's table, in the figures' order."""
    before, after = PAGE.read_text().split(HEAD)
    table, _, after = after.partition("\n\n")
    old = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("| ") and not line.startswith("| ---")}
    lines = [HEAD, "| --- " * HEAD.count(" |") + "|"] + [line for f in figures if (line := rows.get(f.name, old.get(f.name)))]
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
    figures = declared()
    for figure in figures:
        if args.names and not any(n in figure.name for n in args.names):
            continue
        value, seconds = make(figure, runs, args.quick)
        good = args.quick or figure.good(value)
        failed |= not good
        print(f"figures: {figure.name}: {value:.4g} {figure.unit} in {seconds:.0f} s{'' if good else f', its bound is {figure.bound}'}", flush=True)
        if not args.quick:  # at once: an interrupted run of all keeps what it reached
            write({figure.name: f"| {figure.name} | {value:.5g} {figure.unit} | {figure.pytorch} | {seconds:.0f} s | {datetime.date.today()}, {machine()} "
                                f"| `{figure.command.format(runs='runs')}` |"}, figures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
