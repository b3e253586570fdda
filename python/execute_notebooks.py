"""Execute notebooks from top to bottom and write them, executed, as .ipynb and .html.

    .venv/bin/python python/execute_notebooks.py [--out out/notebooks] [--times] [--save] [--new] [--again] notebooks/*.ipynb

Ends with exit code 1 and the cell's error when a cell fails. --save puts what a notebook shows into the notebook itself, and its time and
size into docs/notebooks.md. --new executes only the cells that have no number yet: the others show what they showed, and the kernel is
given what they declare. --again executes each twice from nothing, and fails where the second time shows anything else than the first, but
for times.
"""

import argparse
import copy
import datetime
import html
import itertools
import os
import re
import shutil
import statistics
import sys
import time
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

from documents import part, renew, write

TEMPLATES = Path(__file__).resolve().parent / "templates"
AGAIN = Path(".cache/again")
DOCS = Path("docs/notebooks.md")
HEAD = "| notebook | runs in | saved size | executed |\n| --- | --- | --- | --- |\n"
# What differs each time: durations, rates, and the names that pieces of a page have.
PASSING = re.compile(r"\d[\d.,]* ?(?:[nµm]?s|min|h|m(?=\d)|steps/s|\w+ a second)(?![a-z])(?:\d[\d.]*[ms])*|(?:genlab-|gonb_)\w+")
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


def formulas(text, made):
    """Put a mark in the place of each formula of TeX between dollars, and its MathML, which a browser shows without a script, in made."""

    def mark(tex, **options):
        made.append(convert(tex.strip(), **options))
        return f"\u27e6{len(made) - 1}\u27e7"

    parts = re.split(r"(```.*?```|`[^`\n]*`)", text, flags=re.DOTALL)  # code stays as it is
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"\$\$(.+?)\$\$", lambda m: mark(m[1], display="block"), parts[i], flags=re.DOTALL)
        parts[i] = re.sub(r"(?<![\\$])\$([^$\n]+(?:\n[^$\n]+)?)\$", lambda m: mark(m[1]), parts[i])
    return "".join(parts)


LINK = re.compile(r'(?<=<a href=")(?!\w+:|#|/)([^"]+)')


def export(nb, path, folder):
    """Write a notebook of that folder as a page that needs nothing from elsewhere; its links lead from where the page lies."""
    nb = copy.deepcopy(nb)
    nb.metadata.setdefault("language_info", {"name": "go"})["pygments_lexer"] = "go"
    made = []

    def link(m):
        target, _, place = m[1].partition("#")
        if target.endswith(".ipynb") and "/" not in target:  # another notebook, whose page lies beside this one
            return target.removesuffix(".ipynb") + ".html" + ("#" + place if place else "")
        return Path(os.path.relpath(folder / target, path.parent.resolve())).as_posix() + ("#" + place if place else "")

    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = formulas(cell.source, made)
    exporter = HTMLExporter(embed_images=True, template_name="genlab", extra_template_basedirs=[str(TEMPLATES)])
    page, _ = exporter.from_notebook_node(nb, resources={"metadata": {"name": path.stem}})
    page = LINK.sub(link, page)
    write(path, re.sub("\u27e6(\\d+)\u27e7", lambda m: made[int(m[1])], page))


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


def keep(nb):
    """Leave of each cell that was executed before only what it declares; return what gives it back."""
    kept = [(cell, copy.deepcopy(cell)) for cell in nb.cells if cell.cell_type == "code" and cell.execution_count]
    for cell, _ in kept:
        cell.source = re.split(r"(?m)^%%", cell.source)[0].strip()

    def restore():
        for cell, before in kept:
            if not any(o.output_type == "error" for o in cell.outputs):  # a declaration that fails is shown
                cell.update(before)

    return restore


def execute(path, out, timeout, new=False):
    """Execute one notebook in its own folder; return the seconds of its cells and what failed."""
    nb = nbformat.read(path, as_version=4)
    restore = keep(nb) if new else lambda: None
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
    restore()
    # What was reached is written even then: the failing cell shows its error.
    out.mkdir(parents=True, exist_ok=True)
    write(out / path.name, nbformat.writes(nb))
    export(nb, out / (path.stem + ".html"), path.parent)
    return client.seconds, failed


def save(path, executed, seconds):
    """Put an executed notebook in its source's place, and its row into the table of docs/notebooks.md; the other notebooks' rows stay, and
    this one's time and date where seconds is None."""
    nb = nbformat.read(executed, as_version=4)
    if [c.source for c in nbformat.read(path, as_version=4).cells] != [c.source for c in nb.cells]:
        print(f"notebook: {path} was changed meanwhile and is left as it is; what it showed before is in {executed}", file=sys.stderr)
        return
    for cell in nb.cells:
        cell.metadata.pop("execution", None)  # when each cell began and ended
    nb.metadata.setdefault("language_info", {"name": "go"})["pygments_lexer"] = "go"  # the kernel names none
    write(path, nbformat.writes(nb) + "\n")
    rows = {}
    for line in part(DOCS, "notebooks").splitlines():
        if name := re.match(r"\| \[(\w+)\]", line):
            rows[name[1]] = line
    took, day = f"{seconds:.0f} s" if seconds else "", datetime.date.today()
    if not took and path.stem in rows:
        took, _, day = (part.strip() for part in rows[path.stem].split("|")[2:5])
    rows[path.stem] = f"| [{path.stem}](../notebooks/{path.name}) | {took} | {path.stat().st_size / 1000:.0f} kB | {day} |"
    renew(DOCS, "notebooks", HEAD + "".join(rows[k] + "\n" for k in sorted(rows) if path.with_stem(k).exists()))


def shown(nb):
    """What each code cell shows, without what differs each time."""
    cells = []
    for cell in nb.cells:
        text, pieces = "", []
        for o in cell.get("outputs", []):
            text += o.get("text", "")  # how a stream is cut is chance
            pieces += [f"{kind}: {piece}" for kind, piece in sorted(o.get("data", {}).items())]
        cells.append([PASSING.sub("…", piece) for piece in [text, *pieces]])
    return cells


def differing(path, timeout):
    """Execute a notebook twice, each time in a folder and so with runs of its own; return what failed or differed."""
    seen = []
    for turn in "first", "second":
        root = AGAIN.resolve() / turn
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(path.parent, root / path.parent.name)
        _, failed = execute(root / path.parent.name / path.name, root / "out", timeout)
        if failed:
            return failed
        seen.append(shown(nbformat.read(root / "out" / path.name, as_version=4)))
    return "\n".join(f"cell {i} shows something else the second time:\n  {a}\n  {b}"[:2000]
                     for i, (one, two) in enumerate(zip(*seen)) for a, b in itertools.zip_longest(one, two) if a != b)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/notebooks"))
    parser.add_argument("--times", action="store_true", help="print the seconds of each cell")
    parser.add_argument("--save", action="store_true", help="renew the notebooks' own outputs, and their table")
    parser.add_argument("--new", action="store_true", help="execute only the cells that have no number yet")
    parser.add_argument("--again", action="store_true", help="execute each twice in .cache/again, and compare")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that a cell may take")
    args = parser.parse_args()

    os.environ["GENLAB_UNATTENDED"] = "1"  # nobody moves a slider: panels become pictures at once
    failures = 0
    every = []
    for path in args.notebooks:
        start = time.perf_counter()
        print(f"notebook: {path} …", flush=True)
        if args.again:
            seconds, failed = [], differing(path.resolve(), args.timeout)
        else:
            seconds, failed = execute(path.resolve(), args.out, args.timeout, args.new)
        if args.times:
            for index, s in seconds:
                print(f"  cell {index:3d}  {s:6.2f} s")
        every += [s for _, s in seconds]
        if failed:
            failures += 1
            print(f"notebook: {path} FAILED\n{failed}", file=sys.stderr, flush=True)
        elif args.again:
            print(f"notebook: {path} shows the same twice ({time.perf_counter() - start:.0f} s)", flush=True)
        else:
            took = time.perf_counter() - start
            print(f"notebook: {args.out / path.stem}.html ({took:.0f} s)", flush=True)
            if args.save and seconds:
                save(path, args.out / path.name, None if args.new else took)
    if args.times and every:
        print(f"  median of {len(every)} cells: {statistics.median(every):.2f} s")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
