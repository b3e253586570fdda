"""Say what `make demo` reached: the backend, the run's last figures, where the files lie, what to do next."""

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
    return "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())


def main():
    run = Path(sys.argv[1])
    pages = sorted(Path("out/notebooks").glob("*.html"))
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
