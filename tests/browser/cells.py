"""The notebooks that the tests open: cells of their own, and cells of the checkout's notebooks."""

import json

import nbformat

from lab import CHECKOUT, OUT

SETUP = """
import (
	"context"
	"fmt"
	"math"
	"time"

	"genlab/lib/data/mnist"
	"genlab/lib/models/vae"
	. "genlab/lib/notebook"
	"genlab/lib/train"
	"genlab/lib/viz"
)

var ctx = context.Background()

const run = "RUN"

func digits() *mnist.Data { return Must(mnist.Load(mnist.Config{})) }

func grid(pixels [][]float32) viz.Images { return viz.Images{Pixels: pixels} }

%%
fmt.Println("ready", Reduced())
"""

TRAIN = """
%%
batches := Must(digits().Train.Batches(mnist.BatchConfig{Size: 128, Seed: 1, Shuffle: true, DropLast: true}))
Must(vae.Train(UntilInterrupt(), vae.TrainConfig{
	Model: vae.Plane(), Seed: 1,
	Options: train.Options{Run: run, Epochs: EPOCHS, Watch: Watch("loss")},
}, batches))
fmt.Println("trained")
"""

SLIDERS = """
%%
m := Must(vae.Open(run))
Explore("A point of the plane", func(v Values) View {
	z := []float32{float32(v.Number("z1")), float32(v.Number("z2"))}
	return View{Picture: viz.Grid(grid(Must(m.Decode(ctx, [][]float32{z}))), 1)}
}, Sliders(2, Slider{Name: "z", Min: -3, Max: 3})...)
"""

PAD = """
%%
m := Must(vae.Open(run))
Explore("Draw <a digit>", func(v Values) View {
	x := [][]float32{mnist.Centered(v.Pixels("pad"))}
	mu, _, err := m.Encode(ctx, x)
	Check(err)
	return View{
		Picture: viz.Compare([]viz.Row{{Name: "drawn", Images: grid(x)}, {Name: "rebuilt", Images: grid(Must(m.Reconstruct(ctx, x)))}}, 1),
		Text:    fmt.Sprintf("it lies at (%.2f, %.2f)", mu[0][0], mu[0][1]),
	}
}, Pad{Name: "pad", Side: 28})
"""

TEXT = """
%%
Explore("Text", func(v Values) View {
	if v.Text("say") == "no" {
		Check(fmt.Errorf("no is <b>not</b> an answer"))
	}
	return View{Text: fmt.Sprint(v.Text("say"), " ", v.Int("times"))}
}, TextBox{Name: "say", Value: "yes"}, Slider{Name: "times", Min: 1, Max: 9, Value: 2, Step: 1})
"""

LOOP = """
%%
fmt.Println("begun")
time.Sleep(time.Hour)
"""

PLAYER = """
%%
var frames []image.Image
var labels []string
for i := range 3 {
	frames = append(frames, viz.Grid(grid([][]float32{{float32(i) / 2, 0, 1, 0}}), 1))
	labels = append(labels, fmt.Sprint("epoch ", i+1))
}
Check(viz.ShowHTML(Must(viz.PlayerHTML("A <training>", frames, labels, 3*time.Second))))
"""

PANIC = """
func third(x []int) int { return x[3] }

%%
fmt.Println(third([]int{1, 2, 3}))
"""

PLAIN = '%%\nfmt.Println("plain", math.Sqrt(16))'

# Of the first cell; GoNB finds Go's own packages without it.
KNOWN = '%%\nfmt.Println("the run is", run)'

# What cells usually do: open a run, ask the model, draw.
USUAL = """
%%
m := Must(vae.Open(run))
Show(viz.Grid(grid(Must(m.Sample(ctx, 16, NUMBER))), 16))
"""

# What notebooks 02 and 06 train for minutes, shortly: what they show then is worse, and made by the same cells.
DCGAN = """
%%
s := Must(mnist.Load(mnist.Config{})).Train
few := Must(images.FromBytes(s.Images[:2560*s.Rows*s.Cols], s.Rows, s.Cols, 1, s.Labels[:2560], images.Digits, dcgan.Digits().ImageSize))
batches := Must(few.Batches(images.BatchConfig{Size: 64, Seed: 1, Shuffle: true, DropLast: true}))
Must(dcgan.Train(UntilInterrupt(), dcgan.TrainConfig{Model: dcgan.Digits(), Seed: 1, Options: train.Options{Run: run, Epochs: 1}}, batches))
fmt.Println("trained")
"""

GPT = """
%%
c := opticks()
cfg := gpt.Recipe()
cfg.Model = gpt.Modern(c.Vocab.Len())
cfg.Rate, cfg.Total = 3e-3, 120
cfg.Options = train.Options{Run: modern, Epochs: 1}
Must(gpt.Train(UntilInterrupt(), cfg, windows(c.Train, 64, 120)))
Check(tokens.Save(modern, c.Vocab))
fmt.Println("trained")
"""


def write_notebook(name, *cells):
    """Write a notebook of code cells below OUT; return its path from the checkout's root."""
    nb = {
        "cells": [
            {"cell_type": "code", "id": f"cell-{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": source.strip()}
            for i, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "genlab", "display_name": "Go (genlab)", "language": "go"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = OUT / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nb), encoding="utf-8")
    return path.relative_to(CHECKOUT).as_posix()


def cell_of(notebook, words):
    """The cell of a notebook of the checkout that holds some words; its runs are looked for below OUT."""
    nb = nbformat.read(CHECKOUT / "notebooks" / f"{notebook}.ipynb", 4)
    (source,) = [c.source for c in nb.cells if c.cell_type == "code" and words in c.source]
    return source.replace("../runs/", "runs/")
