"""Make ten typical mistakes in notebook cells and write what a person then reads into docs/notebooks.md.

    .venv/bin/python python/mistakes.py [--write]
"""

import argparse
import html
import os
import re
import tempfile
from pathlib import Path

from jupyter_client.manager import start_new_kernel

from documents import renew
from execute_notebooks import ESCAPES

SETUP = """
import (
	"context"
	"fmt"
	"time"

	"genlab/lib/backend"
	"genlab/lib/data/mnist"
	"genlab/lib/models/vae"
	"genlab/lib/nn"
	. "genlab/lib/notebook"
	"genlab/lib/train"
	"genlab/lib/viz"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

var ctx = context.Background()

func digits() *mnist.Batches {
	return Must(Must(mnist.Load(mnist.Config{})).Train.Batches(mnist.BatchConfig{Size: 128, Seed: 1}))
}

%%
fmt.Println(Reduced())
"""

# What was done, the cell, and words that must stand in what one reads.
MISTAKES = [
    ("a field of a config that makes no model", "%%\nMust(vae.New(vae.Config{InputDim: 784, HiddenDim: 400}, 1))", "latent_dim is 0"),
    ("a run that isn't there", '%%\nMust(vae.Open("../runs/nothing"))', "no run in"),
    (
        "a run resumed under another config",
        '%%\nfor _, c := range []vae.Config{vae.Tiny(), vae.Default()} {\n\tMust(vae.Train(ctx, vae.TrainConfig{Model: c, Options: train.Options{Run: "RUNS/twice", Epochs: 1}}, digits()))\n}',
        "was started with another configuration",
    ),
    (
        "shapes that don't fit, in a graph of one's own",
        "%%\nrun := nn.NewRunner(\"mine\", Must(backend.Open()))\nMust(run.Call(ctx, \"multiply\", func(_ *model.Scope, in []*graph.Node) []*graph.Node {\n\treturn []*graph.Node{graph.MatMul(in[0], in[1])}\n}, [][]float32{{1, 2, 3}}, [][]float32{{1, 2}}))",
        "mine",
    ),
    ("values of the wrong length for a model", "%%\nm := Must(vae.New(vae.Tiny(), 1))\nMust(m.Decode(ctx, [][]float32{{1, 2, 3}}))", "the model takes"),
    (
        "a cell that was interrupted",
        '%%\nMust(vae.Train(UntilInterrupt(), vae.TrainConfig{Model: vae.Tiny(), Options: train.Options{Run: "RUNS/stopped", Epochs: 500}}, digits()))',
        "all saved in",
    ),
    ("a backend that isn't installed", '%%\nos.Setenv("GOMLX_BACKEND", "xla:nothing")\nMust(backend.Open())', "nothing"),
    ("a misspelt name", "%%\nfmt.Println(vae.Defualt())", "Defualt"),
    ("a variable that nothing uses", "%%\nm := vae.Default()", "declared and not used: m"),
    ("an index beyond the end", "%%\nx := []int{1, 2, 3}\nfor i := 0; i <= len(x); i++ {\n\tfmt.Println(x[i])\n}", "index out of range"),
    ("a picture of pixels that make no square", "%%\nShow(viz.Grid(viz.Images{Pixels: [][]float32{{1, 2, 3, 4, 5}}}, 1))", "are not square"),
]


def text_of(msg):
    content = msg["content"]
    if msg["msg_type"] == "stream":
        return content["text"]
    if msg["msg_type"] == "error":
        return ""  # says the same once more
    page = content.get("data", {}).get("text/html", "")
    page = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r'<div class="gonb-err-context">.*?</div>(?=</div>)', "", page, flags=re.DOTALL)
    page = re.sub(r"<details><summary>(.*?)</summary>.*?</details>", r"▸ \1", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]*>", "", page)) + "\n"


def execute(client, manager, code, interrupt_at=None):
    """Run a cell; return what it shows. It is interrupted when that text appears."""
    request = client.execute(code)
    shown = ""
    while True:
        msg = client.get_iopub_msg(timeout=180)
        if msg["parent_header"].get("msg_id") != request:
            continue
        if msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
            break
        if msg["msg_type"] in ("stream", "error", "display_data", "update_display_data"):
            shown += text_of(msg)
        if interrupt_at and msg["msg_type"] in ("stream", "display_data"):
            interrupt_at = None
            manager.interrupt_kernel()
    lines = [ESCAPES.sub("", line).rstrip() for line in shown.splitlines()]
    return [line for line in lines if line.strip()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs/notebooks.md; otherwise print")
    args = parser.parse_args()
    runs = tempfile.mkdtemp(prefix="genlab-mistakes-")
    os.environ["GENLAB_UNATTENDED"] = "1"
    manager, client = start_new_kernel(kernel_name="genlab", cwd="notebooks")
    rows, bad = [], []
    try:
        execute(client, manager, SETUP.replace('"time"', '"os"\n\t"time"'))
        for what, code, want in MISTAKES:
            lines = execute(client, manager, code.replace("RUNS", runs), interrupt_at="interrupted" in what)
            print("mistakes:", what, flush=True)
            said = "\n".join(lines).replace(runs, "../runs")
            rows.append(f"**{what[0].upper()}{what[1:]}**\n\n```go\n{code.replace('RUNS', '../runs').removeprefix('%%').strip()}\n```\n```text\n{said}\n```\n")
            if want not in said or len(lines) > 10:
                bad.append(f"{what}: {len(lines)} lines, want {want!r} in\n{said}")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if args.write:
        renew(Path("docs/notebooks.md"), "mistakes", "\n".join(rows))
    else:
        print("\n".join(rows))
    if bad:
        raise SystemExit("mistakes: not as they should be:\n" + "\n".join(bad))


if __name__ == "__main__":
    main()
