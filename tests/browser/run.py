"""Drive JupyterLab in a headless Chromium as a person would: run cells, move sliders, draw, interrupt, restart, reload, export.

    make browser [BROWSER="[--docs] [NAME ...]"]

Screenshots go to out/browser. --docs writes the times into docs/notebooks.md. NAME picks tests.
"""

import argparse
import datetime
import json
import os
import re
import shutil
import statistics
import sys
import time
import traceback
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
import documents
import execute_notebooks
from lab import CHECKOUT, OUT, Notebook, chromium, server, write_notebook

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
Must(vae.Train(ctx, vae.TrainConfig{
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

PLAIN = '%%\nfmt.Println("plain", math.Sqrt(16))'

# What cells usually do: open a run, ask the model, draw.
USUAL = """
%%
m := Must(vae.Open(run))
Show(viz.Grid(grid(Must(m.Sample(ctx, 16, NUMBER))), 16))
"""


class Tests:
    def __init__(self, browser, base, token):
        self.browser, self.base, self.token = browser, base, token
        self.measured = {}

    def page(self, **options):
        return self.browser.new_page(viewport={"width": 1300, "height": 1100}, **options)

    def notebook(self, name, *cells, page=None, workspace=None, **options):
        path = write_notebook(name + ".ipynb", *cells)
        return Notebook(page or self.page(**options), self.base, self.token, path, workspace or name)

    def setup(self, run="shared"):
        return SETUP.replace("RUN", f"runs/{run}")

    def trained(self):
        """The run that most tests open: a plane, one epoch."""
        if not (OUT / "runs/shared/live.json").exists():
            nb = self.notebook("trained", self.setup(), TRAIN.replace("EPOCHS", "1"))
            nb.run(0)
            assert "trained" in nb.run(1)[0]
            nb.page.close()

    # The tests, in order.

    def test_cells_and_times(self):
        self.trained()
        nb = self.notebook("cells", self.setup(), PLAIN, *[USUAL.replace("NUMBER", str(i)) for i in range(12)])
        assert "ready false" in nb.run(0)[0]
        text, _ = nb.run(1)
        assert "plain 4" in text, text
        nb.run(2)
        seconds = [nb.run(i)[1] for i in range(3, 14)] + [nb.run(i)[1] for i in range(2, 11)]
        assert nb.cell(5).locator("img").count() == 1
        seconds.sort()
        self.measured["cells"] = seconds
        nb.shot("cells")
        nb.page.close()

    def test_sliders(self):
        self.trained()
        nb = self.notebook("sliders", self.setup(), SLIDERS, PLAIN)
        nb.run(0)
        nb.start(1)
        panel = nb.panel()
        picture = panel.locator("img")
        before = picture.get_attribute("src")
        slider = panel.locator("input").first
        slider.focus()
        for _ in range(30):  # by the keyboard
            nb.page.keyboard.press("ArrowRight")
            time.sleep(0.05)
        box = panel.locator("input").nth(1).bounding_box()
        nb.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        nb.page.mouse.down()
        for i in range(40):  # and by the mouse
            nb.page.mouse.move(box["x"] + box["width"] * (0.5 + i / 100), box["y"] + box["height"] / 2)
            time.sleep(0.03)
        nb.page.mouse.up()
        time.sleep(0.5)
        assert picture.get_attribute("src") != before, "the picture did not change"
        assert slider.input_value() == "1.8", slider.input_value()
        times = json.loads(panel.get_attribute("data-milliseconds"))
        assert len(times) > 30, times
        self.measured["answers"] = sorted(times)
        nb.shot("sliders-live")
        # Another cell ends it, and what it leaves is still.
        text, _ = nb.run(2)
        assert "plain 4" in text, text
        nb.finish(1)
        assert "As it was left" in nb.output(1) and "1.8" in nb.output(1), nb.output(1)
        assert nb.cell(1).locator("input").count() == 0
        # Run again while it lives: the new one takes over.
        nb.start(1)
        first = nb.panel()
        name = first.get_attribute("id")
        nb.start(1)
        nb.page.wait_for_function("name => !document.getElementById(name) && document.querySelector('.genlab-panel')?.dataset.live === 'yes'", arg=name, timeout=20_000)
        # An interrupt ends it, too.
        nb.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
        nb.finish(1)
        assert "As it was left" in nb.output(1), nb.output(1)
        nb.shot("sliders-still")
        nb.page.close()

    def test_pad(self):
        self.trained()
        nb = self.notebook("pad", self.setup(), PAD)
        nb.run(0)
        nb.start(1)
        panel = nb.panel()
        assert panel.locator("strong").inner_text() == "Draw <a digit>"
        before = panel.locator("img").get_attribute("src")
        box = panel.locator("canvas").bounding_box()
        at = lambda x, y: (box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        nb.page.mouse.move(*at(0.3, 0.25))
        nb.page.mouse.down()
        for x, y in [(0.5, 0.24), (0.7, 0.25), (0.62, 0.45), (0.54, 0.65), (0.46, 0.85)]:  # a seven
            nb.page.mouse.move(*at(x, y), steps=6)
            time.sleep(0.05)
        nb.page.mouse.up()
        time.sleep(0.7)
        assert panel.locator("img").get_attribute("src") != before, "drawing changed nothing"
        assert "it lies at (" in panel.locator("pre").inner_text()
        self.measured["pad"] = sorted(json.loads(panel.get_attribute("data-milliseconds")))
        nb.shot("pad-drawn")
        drawn = panel.locator("pre").inner_text()
        panel.locator("button").click()
        time.sleep(0.5)
        assert panel.locator("pre").inner_text() != drawn, "clearing changed nothing"
        panel.locator("canvas").focus()
        nb.page.keyboard.down(" ")
        for _ in range(8):
            nb.page.keyboard.press("ArrowDown")
        nb.page.keyboard.up(" ")
        time.sleep(0.5)
        nb.shot("pad-keyboard")
        nb.page.close()

    def test_text(self):
        nb = self.notebook("text", self.setup(), TEXT)
        nb.run(0)
        nb.start(1)
        panel = nb.panel()
        box = panel.locator("input[type=text]")
        box.fill("<script>alert(1)</script>")
        time.sleep(0.5)
        assert panel.locator("pre").inner_text() == "<script>alert(1)</script> 2", panel.locator("pre").inner_text()
        box.fill("no")
        time.sleep(0.5)
        assert panel.locator(".status").inner_text() == "no is <b>not</b> an answer"
        box.fill("да")
        time.sleep(0.5)
        assert panel.locator("pre").inner_text() == "да 2"
        nb.page.close()

    def test_interrupt_and_restart(self):
        nb = self.notebook("interrupt", self.setup(), LOOP, PLAIN)
        nb.run(0)
        nb.start(1)
        nb.cell(1).locator(".jp-OutputArea-output", has_text="begun").wait_for(timeout=30_000)
        nb.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
        text = nb.finish(1, 20)
        nb.shot("interrupted")
        assert "begun" in text, text
        assert "plain 4" in nb.run(2)[0]
        # Restarted, the kernel knows nothing of before: the first cell must run again.
        nb.page.locator('[data-command="notebook:restart-kernel"]').first.click()
        nb.page.locator(".jp-Dialog button.jp-mod-accept").click()
        for _ in range(10):  # the new kernel takes a moment to come
            time.sleep(2)
            if "undefined" in (text := nb.run(2, 60)[0]):
                break
        assert "undefined" in text, text
        nb.run(0)
        assert "plain 4" in nb.run(2)[0]
        nb.page.close()

    def test_two_notebooks(self):
        self.trained()
        context = self.browser.new_context(viewport={"width": 1300, "height": 1100})
        page = context.new_page()
        one = self.notebook("one", self.setup(), SLIDERS, page=page, workspace="two")
        one.run(0)
        one.start(1)
        one.panel()
        path = write_notebook("two.ipynb", self.setup(), SLIDERS)
        # In the same page: a second tab of the same JupyterLab.
        page.locator('.jp-DirListing-item', has_text="two.ipynb").dblclick()
        page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook').wait_for()
        page.locator('.lm-TabBar-tab.lm-mod-current', has_text="two.ipynb").wait_for()
        two = Notebook(page, self.base, self.token, path, open_page=False)
        two.run(0)
        two.start(1)
        panels = {}
        for nb, tab in ((two, "two.ipynb"), (one, "one.ipynb"), (two, "two.ipynb"), (one, "one.ipynb")):
            page.locator(".jp-NotebookPanel").first.wait_for(state="attached")
            page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text=tab).click()
            time.sleep(0.5)
            panel = nb.panel()
            before = panel.locator("img").get_attribute("src")
            panel.locator("input").first.focus()
            for _ in range(5):
                page.keyboard.press("ArrowRight")
                time.sleep(0.1)
            time.sleep(0.6)
            assert panel.locator("img").get_attribute("src") != before, f"{tab}: the picture did not change"
            panels[tab] = panel.get_attribute("id")
        assert len(set(panels.values())) == 2
        page.screenshot(path=str(OUT / "two-notebooks.png"))
        context.close()

    def test_training(self):
        shutil.rmtree(OUT / "runs/live", ignore_errors=True)
        nb = self.notebook("training", self.setup("live"), TRAIN.replace("EPOCHS", "200"), PLAIN)
        nb.run(0)
        nb.start(1)
        strip = nb.root.locator(".genlab-training")
        strip.wait_for(timeout=30_000)
        nb.page.wait_for_function("() => /steps.s/.test(document.querySelector('.genlab-training').innerText)", timeout=60_000)
        nb.cell(1).locator(".jp-RenderedImage img").wait_for(timeout=20_000)
        time.sleep(3)
        nb.shot("training-live")
        # The page is closed and opened again; the cell goes on, and the page says where it is.
        nb.save()
        time.sleep(2)
        nb.page.close()
        nb = Notebook(self.page(), self.base, self.token, "out/browser/training.ipynb", "again")
        strip = nb.root.locator(".genlab-training")
        strip.wait_for(timeout=60_000)
        nb.page.wait_for_function("() => document.querySelector('.genlab-training').dataset.reloaded === 'yes'", timeout=60_000)
        step = lambda: int(re.search(r"step (\d+)/", strip.inner_text()).group(1))
        first = step()
        time.sleep(5)
        assert step() > first, "the page doesn't follow the training"
        nb.shot("training-reloaded")
        strip.locator("button").click()
        nb.page.wait_for_function("() => /ended/.test(document.querySelector('.genlab-training').innerText)", timeout=60_000)
        nb.shot("training-stopped")
        saved = list((OUT / "runs/live/checkpoints").glob("*.sha256"))
        assert saved, "stopping saved nothing"
        nb.page.close()

    def test_dark(self):
        self.trained()
        nb = self.notebook("dark", self.setup(), SLIDERS)
        nb.command("Use Theme: JupyterLab Dark")
        nb.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'", timeout=20_000)
        nb.run(0)
        nb.start(1)
        nb.panel()
        nb.shot("dark")
        nb.page.close()

    def test_export(self):
        """Saved in the browser, with a panel alive and one left, and exported as `make notebooks` does: opens without a kernel."""
        self.trained()
        nb = self.notebook("export", self.setup(), PAD, SLIDERS)
        nb.run(0)
        nb.start(1)
        nb.panel()
        nb.start(2)
        nb.finish(1)
        nb.panel(1)
        nb.save()
        time.sleep(1)
        executed = "out/notebooks/03_vae.ipynb" if (CHECKOUT / "out/notebooks/03_vae.ipynb").exists() else "notebooks/03_vae.ipynb"
        for way, source in (("saved", "out/browser/export.ipynb"), ("executed", executed)):
            page = OUT / f"{way}.html"
            execute_notebooks.export(nbformat.read(CHECKOUT / source, 4), page)
            tab = self.page()
            wrong = []
            tab.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
            tab.on("pageerror", lambda e: wrong.append(str(e)))
            tab.on("request", lambda r: wrong.append("request to " + r.url) if not r.url.startswith(("file:", "data:")) else None)
            tab.goto(page.as_uri())
            time.sleep(1)
            tab.screenshot(path=str(OUT / f"exported-{way}.png"), full_page=True)
            assert not wrong, f"{way}: {wrong[:5]}"
            if way == "saved":
                assert tab.locator(".genlab-panel img").count() == 2
                assert tab.locator(".genlab-panel").nth(1).locator("input").first.is_disabled()
            tab.close()
        nb.page.close()


def quantile(values, q):
    return values[min(len(values) - 1, round(q * (len(values) - 1)))]


def write_times(rows, version):
    """Put what was measured into docs/notebooks.md."""
    table = [f"Measured on {datetime.date.today()} with Chromium {version} on {os.cpu_count()} cores, load {os.getloadavg()[1]:.0f} before.", "",
             "| what | times | median | 95th percentile |", "| --- | --- | --- | --- |"] + [f"| {a} | {n} | {m} | {q} |" for a, n, m, q in rows]
    documents.renew(CHECKOUT / "docs/notebooks.md", "times", "\n".join(table) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--docs", action="store_true", help="write the times into docs/notebooks.md")
    parser.add_argument("names", nargs="*", help="tests to run; all when none is given")
    args = parser.parse_args()
    from playwright.sync_api import sync_playwright

    for old in OUT.glob("*"):
        if old.name != "runs":  # what was trained there serves again
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink()
    began, failed = time.monotonic(), 0
    # Chromium's sandbox doesn't work for root, nor in most containers.
    flags = ["--no-sandbox"] if os.getuid() == 0 else []
    with server() as (base, token), sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium(), args=flags)
        tests = Tests(browser, base, token)
        for name in [n for n in dir(Tests) if n.startswith("test_")]:
            if args.names and not any(n in name for n in args.names):
                continue
            start = time.monotonic()
            try:
                getattr(tests, name)()
                print(f"browser: {name[5:]} ok ({time.monotonic() - start:.0f} s)", flush=True)
            except Exception:
                failed += 1
                print(f"browser: {name[5:]} FAILED", flush=True)
                traceback.print_exc()
                for context in browser.contexts:
                    for i, page in enumerate(context.pages):
                        page.screenshot(path=str(OUT / f"failed-{name[5:]}-{i}.png"))
                        page.close()
        rows = []
        for key, what, unit in (
            ("cells", "a cell that opens a run and draws, warm, from the key to the picture", "s"),
            ("answers", "a slider's picture, from the move to the page", "ms"),
            ("pad", "the drawing pad's picture", "ms"),
        ):
            if key in tests.measured:
                v = tests.measured[key]
                rows.append((what, len(v), f"{statistics.median(v):.3g} {unit}", f"{quantile(v, 0.95):.3g} {unit}"))
                print(f"browser: {what}: median {rows[-1][2]}, 95th percentile {rows[-1][3]} of {len(v)}")
        version = browser.version
        browser.close()
    if args.docs and not failed:
        write_times(rows, version)
    print(f"browser: {'FAILED' if failed else 'passed'} in {time.monotonic() - began:.0f} s; screenshots in out/browser")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
