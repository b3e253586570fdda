"""Say what `make demo` reached: the backend, the run's last figures, where the files lie, what to do next.

    python/demo_end.py RUN [NOTEBOOK ...]
"""

import json
import subprocess
import sys
from pathlib import Path


def backend():
    out = subprocess.run(["bin/genlab", "doctor"], capture_output=True, text=True).stdout
    for line in out.splitlines():
        if line.startswith("✓ backend"):
            return line.split(None, 2)[2].split(",")[0]
    return "none that works: run bin/genlab doctor"


def last_figures(run):
    """The last measurement of each kind, in the run's own names."""
    values = {}
    for line in (run / "metrics.jsonl").read_text().splitlines():
        try:
            values.update(json.loads(line))
        except ValueError:  # a line torn by a kill
            continue
    names = sorted(values, key=lambda k: (k not in ("epoch", "step"), k))
    return "  ".join(f"{k} {values[k]:.5g}" if isinstance(values[k], float) else f"{k} {values[k]}" for k in names)


def main():
    run = Path(sys.argv[1])
    pages = [Path("out/notebooks") / (Path(n).stem + ".html") for n in sys.argv[2:]]
    print()
    print(f"demo: backend    {backend()}")
    print(f"demo: figures    {last_figures(run)}")
    print(f"demo: the run    {run}/ (config, metrics, checkpoints, samples)")
    for page in pages:
        print(f"demo: notebook   {page}")
    print("demo: next       make lab opens the notebooks; bin/genlab sample vae --run", run, "draws digits;")
    print("                 bin/genlab models lists what else there is; make help lists the targets")


if __name__ == "__main__":
    main()
