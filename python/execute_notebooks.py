"""Execute notebooks from top to bottom and write them, executed, as .ipynb and .html.

    .venv/bin/python python/execute_notebooks.py [--out out/notebooks] [--times] notebooks/*.ipynb

Ends with exit code 1 and the cell's error when a cell fails.
"""

import argparse
import html
import os
import re
import statistics
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Timed(NotebookClient):
    """A client that remembers how long each code cell took."""

    def __init__(self, nb, **options):
        super().__init__(nb, **options)
        self.seconds = []

    async def async_execute_cell(self, cell, cell_index, **options):
        start = time.perf_counter()
        try:
            return await super().async_execute_cell(cell, cell_index, **options)
        finally:
            if cell.cell_type == "code" and cell.source.strip():
                self.seconds.append((cell_index, time.perf_counter() - start))


def write(path, text):
    """Write the file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def compiler_errors(nb):
    """What the compiler said of the failing cell: GoNB shows it as HTML, beside an error that only counts."""
    text = ""
    for cell in nb.cells:
        outputs = cell.get("outputs", [])
        if any(o.output_type == "error" for o in outputs):
            for o in outputs:
                page = o.get("data", {}).get("text/html", "")
                page = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
                text += html.unescape(re.sub(r"<[^>]*>", "", page))
    return "\n".join(line for line in text.splitlines() if line.strip())


def execute(path, out, timeout):
    """Execute one notebook in its own folder; return the seconds of its cells and what failed."""
    nb = nbformat.read(path, as_version=4)
    client = Timed(
        nb,
        timeout=timeout,
        kernel_name=nb.metadata.get("kernelspec", {}).get("name", "genlab"),
        resources={"metadata": {"path": str(path.parent)}},
    )
    failed = None
    try:
        client.execute()
    except CellExecutionError as error:
        failed = ESCAPES.sub("", str(error)) + compiler_errors(nb)
    except Exception as error:  # a kernel that died or did not answer
        failed = f"{type(error).__name__}: {ESCAPES.sub('', str(error))}"
    # What was reached is written even then: the failing cell shows its error.
    write(out / path.name, nbformat.writes(nb))
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(
        nb, resources={"metadata": {"name": path.stem}}
    )
    write(out / (path.stem + ".html"), page)
    return client.seconds, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/notebooks"))
    parser.add_argument("--times", action="store_true", help="print the seconds of each cell")
    parser.add_argument("--timeout", type=int, default=600, help="seconds that a cell may take")
    args = parser.parse_args()

    args.out.mkdir(parents=True, exist_ok=True)
    failures = 0
    every = []
    for path in args.notebooks:
        start = time.perf_counter()
        print(f"notebook: {path} …", flush=True)
        seconds, failed = execute(path.resolve(), args.out, args.timeout)
        if args.times:
            for index, s in seconds:
                print(f"  cell {index:3d}  {s:6.2f} s")
        every += [s for _, s in seconds]
        if failed:
            failures += 1
            print(f"notebook: {path} FAILED\n{failed}", file=sys.stderr, flush=True)
        else:
            print(f"notebook: {args.out / path.stem}.html ({time.perf_counter() - start:.0f} s)", flush=True)
    if args.times and every:
        print(f"  median of {len(every)} cells: {statistics.median(every):.2f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
