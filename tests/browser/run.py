"""Drive JupyterLab in a headless Chromium as a person would: run cells, move sliders, draw, interrupt, restart, reload, export.

    make browser [BROWSER="[--docs] [NAME ...]"]

Screenshots go to out/browser. --docs writes the times into docs/notebooks.md. NAME picks tests.
"""

import argparse
import contextlib
import datetime
import os
import re
import shutil
import statistics
import sys
import time
import traceback
from pathlib import Path

import nbformat
from playwright.sync_api import Error, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
import documents
import execute_notebooks
from cells import DCGAN, GPT, KNOWN, LOOP, PAD, PANIC, PLAIN, PLAYER, SETUP, SLIDERS, TEXT, TRAIN, USUAL, cell_of, write_notebook
from lab import CHECKOUT, LIMIT, OUT, chromium, end_kernels, server, until
from notebook import Notebook


class Tests:
    def __init__(self, browser, base, token, many):
        self.browser, self.base, self.token, self.many = browser, base, token, many
        self.measured = {}

    def page(self):
        page = self.browser.new_page(viewport={"width": 1300, "height": 1100})
        page.set_default_timeout(1000 * LIMIT)
        return page

    def notebook(self, name, *cells, page=None, workspace=None):
        return Notebook(page or self.page(), self.base, self.token, write_notebook(name, *cells), workspace or name)

    def setup(self, run="shared"):
        return SETUP.replace("RUN", f"runs/{run}")

    def trained(self, run="shared", setup=None, train=TRAIN.replace("EPOCHS", "1")):
        """See to a run that tests open: by default a plane, one epoch."""
        if not list((OUT / "runs" / run / "checkpoints").glob("*.sha256")):
            nb = self.notebook(f"trained-{run}", setup or self.setup(), train)
            nb.run(0)
            nb.run(1, "trained")
            nb.page.context.close()

    # The tests, in order.

    def test_cells_and_times(self):
        self.trained()
        nb = self.notebook("cells", self.setup(), PLAIN, *[USUAL.replace("NUMBER", str(i)) for i in range(6)])
        nb.run(0, "ready false")
        nb.run(1, "plain 4")
        nb.run(2)
        # A few times, or often enough for a table.
        self.measured["cells"] = sorted(nb.run(2 + i % 6) for i in range(1, 21 if self.many else 7))
        expect(nb.cell(5).locator("img")).to_have_count(1)
        nb.shot("cells")

    def test_sliders(self):
        self.trained()
        nb = self.notebook("sliders", self.setup(), SLIDERS, PLAIN)
        nb.run(0)
        nb.start(1)
        panel = nb.panel(1)
        before = panel.picture.get_attribute("src")
        panel.press(0, "ArrowRight", 30)
        expect(panel.picture).not_to_have_attribute("src", before)
        expect(panel.field(0)).to_have_value("1.8")
        before = panel.picture.get_attribute("src")
        box = panel.field(1).bounding_box()
        nb.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        nb.page.mouse.down()
        for i in range(40):  # and by the mouse, faster than answers come
            nb.page.mouse.move(box["x"] + box["width"] * (0.5 + i / 100), box["y"] + box["height"] / 2)
        nb.page.mouse.up()
        panel.settle()
        expect(panel.picture).not_to_have_attribute("src", before)
        times = panel.milliseconds()
        assert len(times) > 30, times
        self.measured["answers"] = sorted(times)
        nb.shot("sliders-live")
        # Another cell ends it, and what it leaves is still.
        nb.run(2, "plain 4")
        nb.finish(1)
        expect(nb.output(1)).to_contain_text("As it was left")
        expect(nb.output(1)).to_contain_text("1.8")
        expect(nb.cell(1).locator("input")).to_have_count(0)
        # Run again while it lives: the new one takes over.
        nb.start(1)
        name = nb.panel(1).root.get_attribute("id")
        nb.start(1)
        expect(nb.page.locator(f"#{name}")).to_have_count(0)
        nb.panel(1)
        # An interrupt ends it, too.
        nb.interrupt()
        nb.finish(1)
        expect(nb.output(1)).to_contain_text("As it was left")
        nb.shot("sliders-still")

    def test_pad(self):
        self.trained()
        nb = self.notebook("pad", self.setup(), PAD)
        nb.run(0)
        nb.start(1)
        panel = nb.panel(1)
        expect(panel.root.locator("strong")).to_have_text("Draw <a digit>")
        before = panel.picture.get_attribute("src")
        box = panel.field(0).bounding_box()

        def at(x, y):
            return box["x"] + box["width"] * x, box["y"] + box["height"] * y

        nb.page.mouse.move(*at(0.3, 0.25))
        nb.page.mouse.down()
        for x, y in [(0.5, 0.24), (0.7, 0.25), (0.62, 0.45), (0.54, 0.65), (0.46, 0.85)]:  # a seven
            for point in at(x, y), at(x - 0.02, y + 0.02):
                nb.page.mouse.move(*point, steps=3)
                panel.settle()
        nb.page.mouse.up()
        panel.settle()
        expect(panel.picture).not_to_have_attribute("src", before)
        expect(panel.text).to_contain_text("it lies at (")
        self.measured["pad"] = sorted(panel.milliseconds())
        nb.shot("pad-drawn")
        drawn = panel.text.inner_text()
        panel.root.locator("button").click()
        expect(panel.text).not_to_have_text(drawn)
        panel.settle()
        cleared = panel.text.inner_text()
        panel.field(0).focus()
        nb.page.keyboard.down(" ")
        for _ in range(8):
            nb.page.keyboard.press("ArrowDown")
        nb.page.keyboard.up(" ")
        expect(panel.text).not_to_have_text(cleared)
        panel.settle()
        nb.shot("pad-keyboard")

    def test_text(self):
        nb = self.notebook("text", self.setup(), TEXT)
        nb.run(0)
        nb.start(1)
        panel = nb.panel(1)
        panel.field(0).fill("<script>alert(1)</script>")
        expect(panel.text).to_have_text("<script>alert(1)</script> 2")
        panel.field(0).fill("no")
        expect(panel.status).to_have_text("no is <b>not</b> an answer")
        panel.field(0).fill("да")
        expect(panel.text).to_have_text("да 2")

    def test_dcgan(self):
        """Notebook 02's panel: a picture from noise."""
        setup = cell_of("02_dcgan", "const run =")
        self.trained("dcgan-notebook", setup, DCGAN)
        nb = self.notebook("dcgan", setup, cell_of("02_dcgan", "Explore("))
        nb.run(0)
        nb.start(1)
        panel = nb.panel(1)
        expect(panel.field(8)).to_have_attribute("max", "20")  # the seed, after eight numbers of the noise
        seen = {panel.picture.get_attribute("src")}
        for i in range(9):
            panel.press(i, "ArrowRight", 10)
            seen.add(panel.picture.get_attribute("src"))
        assert len(seen) == 10, f"nine sliders moved, and {len(seen)} pictures seen with the first"
        self.measured["noise"] = sorted(panel.milliseconds())
        nb.shot("dcgan-panel")

    def test_gpt(self):
        """Notebook 06's panel, and its attention to point at, in a page that needs no kernel."""
        setup = cell_of("06_gpt", "func opticks")
        self.trained("gpt-modern", setup, GPT)
        nb = self.notebook("gpt", setup, cell_of("06_gpt", "viz.AttentionHTML"), cell_of("06_gpt", "Explore("))
        nb.run(0)
        nb.run(1, "mean loss of the piece")
        nb.start(2)
        panel = nb.panel(2)
        expect(panel.text).to_contain_text("The Rays of Lig│")
        bars = panel.picture.get_attribute("src")
        panel.field(0).fill("The Light of the Sun")
        expect(panel.text).to_contain_text("The Light of the Sun│")
        panel.settle()
        expect(panel.picture).not_to_have_attribute("src", bars)
        bars, text = panel.picture.get_attribute("src"), panel.text.inner_text()
        panel.status.scroll_into_view_if_needed()
        nb.shot("gpt-panel")
        panel.press(1, "ArrowRight", 10)  # the temperature moves the text and not the bars
        expect(panel.text).not_to_have_text(text)
        expect(panel.picture).to_have_attribute("src", bars)
        panel.status.scroll_into_view_if_needed()
        nb.shot("gpt-panel-warmer")
        nb.interrupt()
        nb.finish(2)
        nb.save()
        tab = self.exported(nb.path, "gpt")
        tab.set_viewport_size({"width": 1300, "height": 1700})  # all of the piece: nothing scrolls away under the pointer
        piece = tab.locator("div[id^=attention]")
        piece.scroll_into_view_if_needed()
        hint, lines = piece.locator(".hint"), piece.locator("line")
        expect(hint).to_have_text("point at a token")
        every = lines.count()
        query = piece.locator("g[data-side=query]").nth(20)
        query.hover()
        expect(hint).to_have_text("what s looks at")  # of "flects them. And this is"
        mean = lines.count()
        assert 0 < mean < every, (mean, every)
        piece.screenshot(path=str(OUT / "attention-mean.png"))
        expect(hint).to_have_text("what s looks at")
        tab.mouse.move(1, 1)
        expect(hint).to_have_text("point at a token")
        piece.locator(".layer").select_option("layer 1")
        piece.locator(".head").select_option("head 2")
        query.hover()
        expect(hint).to_have_text("what s looks at")
        piece.screenshot(path=str(OUT / "attention-head.png"))
        piece.locator("g[data-side=key]").nth(16).hover()
        expect(hint).to_have_text("who looks at ␣")

    def test_interrupt_and_restart(self):
        nb = self.notebook("interrupt", self.setup(), LOOP, KNOWN)
        nb.run(0)
        nb.start(1)
        expect(nb.output(1)).to_contain_text("begun")
        nb.interrupt()
        nb.finish(1)
        nb.shot("interrupted")
        nb.run(2, "the run is runs/shared")
        # Restarted, the kernel knows nothing of before: the first cell must run again.
        nb.restart()
        nb.run(2, "undefined: run")
        nb.run(0)
        nb.run(2, "the run is runs/shared")

    def test_two_notebooks(self):
        self.trained()
        page = self.page()
        write_notebook("two", self.setup(), SLIDERS)
        one = self.notebook("one", self.setup(), SLIDERS, page=page, workspace="two")
        one.run(0)
        one.start(1)
        one.panel(1)
        # In the same page: a second tab of the same JupyterLab.
        page.locator(".jp-DirListing-item", has_text="two.ipynb").dblclick()
        two = Notebook(page, self.base, self.token, "out/browser/two.ipynb", open_page=False)
        two.run(0)
        two.start(1)
        two.panel(1)
        panels = {}
        for nb in one, two, one, two:
            nb.front()
            panel = nb.panel(1)
            before = panel.picture.get_attribute("src")
            panel.press(0, "ArrowRight", 3)
            expect(panel.picture).not_to_have_attribute("src", before)
            panels[nb.path] = panel.root.get_attribute("id")
        assert len(set(panels.values())) == 2
        two.shot("two-notebooks")

    def test_training(self):
        shutil.rmtree(OUT / "runs/live", ignore_errors=True)
        nb = self.notebook("training", self.setup("live"), TRAIN.replace("EPOCHS", "200"), PLAIN)
        nb.run(0)
        nb.start(1)

        def step():
            found = re.search(r"step (\d+)/", nb.root.locator(".genlab-training").inner_text())
            return int(found[1]) if found else 0

        until("the page follows the training", lambda: step() > 1)
        expect(nb.cell(1).locator(".jp-RenderedImage img")).to_have_count(1)
        nb.shot("training-live")
        # The page is closed and opened again; the cell goes on, and the page says where it is.
        nb.save()
        nb.page.context.close()
        nb = Notebook(self.page(), self.base, self.token, "out/browser/training.ipynb", "again")
        strip = nb.root.locator(".genlab-training")
        expect(strip).to_have_attribute("data-reloaded", "yes")
        first = step()
        until("the page loaded again follows the training", lambda: step() > first)
        nb.shot("training-reloaded")
        strip.locator("button").click()
        expect(strip).to_contain_text("ended")
        nb.shot("training-stopped")
        assert list((OUT / "runs/live/checkpoints").glob("*.sha256")), "stopping saved nothing"

    def test_dark(self):
        self.trained()
        nb = self.notebook("dark", self.setup(), SLIDERS)
        nb.command("Use Theme: JupyterLab Dark")
        expect(nb.page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
        nb.run(0)
        nb.start(1)
        nb.panel(1)
        nb.shot("dark")
        nb.command("Use Theme: JupyterLab Light")  # the server remembers it
        expect(nb.page.locator("body")).to_have_attribute("data-jp-theme-light", "true")

    def test_export(self):
        """Saved in the browser, with a panel alive and one left, and exported as `make notebooks` does: opens without a kernel."""
        self.trained()
        nb = self.notebook("export", self.setup(), PAD, SLIDERS)
        nb.run(0)
        nb.start(1)
        nb.panel(1)
        nb.start(2)
        nb.finish(1)
        nb.panel(2)
        nb.save()
        tab = self.exported(nb.path, "saved")
        expect(tab.locator(".genlab-panel img")).to_have_count(2)
        expect(tab.locator(".genlab-panel").nth(1).locator("input").first).to_be_disabled()
        executed = "out/notebooks/03_vae.ipynb"
        self.exported(executed if (CHECKOUT / executed).exists() else "notebooks/03_vae.ipynb", "executed")

    def test_player(self):
        """The player of snapshots, in an exported page: played, paused, and moved by the keyboard."""
        nb = self.notebook("player", self.setup(), PLAYER)
        nb.run(0)
        nb.run(1)
        nb.save()
        player = self.exported(nb.path, "player").get_by_role("group", name="A <training>")
        button, place, label, picture = (player.locator(e) for e in ("button", "input", "output", "img"))
        expect(label).to_have_text("epoch 3")  # without a script it is the last
        last = picture.get_attribute("src")
        place.focus()
        place.press("ArrowLeft")
        expect(label).to_have_text("epoch 2")
        expect(picture).not_to_have_attribute("src", last)
        button.click()
        expect(button).to_have_text("pause")
        expect(label).to_have_text("epoch 3")
        expect(button).to_have_text("play")  # it stops at the end,
        button.click()
        expect(label).to_have_text("epoch 1")  # begins anew,
        button.press("Enter")
        expect(button).to_have_text("play")  # and pauses by the keyboard
        expect(label).to_have_text("epoch 1")
        player.screenshot(path=str(OUT / "player.png"))

    def test_panic(self):
        """What a panic says stands in the page; its trace is folded away and opens."""
        nb = self.notebook("panic", self.setup(), PANIC)
        nb.run(0)
        nb.run(1, "index out of range [3] with length 3")
        trace = nb.output(1).locator("details pre")
        expect(trace).to_be_hidden()
        nb.output(1).locator("summary").click()
        expect(trace).to_contain_text("main.third")
        nb.shot("panic")

    def exported(self, notebook, way):
        """Export a notebook and open the page, which may say no error and ask nothing of the network."""
        file = OUT / f"{way}.html"
        notebook = CHECKOUT / notebook
        execute_notebooks.export(nbformat.read(notebook, 4), file, notebook.parent)
        tab, wrong = self.page(), []
        tab.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
        tab.on("pageerror", lambda e: wrong.append(str(e)))
        tab.on("request", lambda r: wrong.append("request to " + r.url) if not r.url.startswith(("file:", "data:")) else None)
        tab.goto(file.as_uri())
        tab.wait_for_load_state("networkidle")
        tab.screenshot(path=str(OUT / f"exported-{way}.png"), full_page=True)
        assert not wrong, f"{way}: {wrong[:5]}"
        return tab


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

    for old in OUT.glob("*"):
        if old.name != "runs":  # what was trained there serves again
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink()
    began, failed = time.monotonic(), 0
    # Chromium's sandbox doesn't work for root, nor in most containers.
    flags = ["--no-sandbox"] if os.getuid() == 0 else []
    with server() as (base, token), sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium(), args=flags)
        tests = Tests(browser, base, token, args.docs)
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
                for i, page in enumerate(page for context in browser.contexts for page in context.pages):
                    with contextlib.suppress(Error):
                        page.screenshot(path=str(OUT / f"failed-{name[5:]}-{i}.png"))
            for context in browser.contexts:
                context.close()
            end_kernels(base, token)
        rows = []
        for key, what, unit in (
            ("cells", "a cell that opens a run and draws, warm, from the key to the picture", "s"),
            ("answers", "a slider's picture of the VAE, from the move to the page", "ms"),
            ("noise", "a slider's picture of the DCGAN", "ms"),
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
