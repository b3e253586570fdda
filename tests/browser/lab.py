"""A JupyterLab of the checkout's own, and a Chromium that opens its notebooks."""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
OUT = CHECKOUT / "out" / "browser"


def chromium():
    """The Chromium to drive: CHROMIUM's, or the first on the PATH; None where there is none."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if shutil.which(name):
            return shutil.which(name)
    return None


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
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nb), encoding="utf-8")
    return path.relative_to(CHECKOUT).as_posix()


@contextlib.contextmanager
def server():
    """JupyterLab as `make lab` starts it, on a port of its own; gives its address and token."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    token = secrets.token_hex(16)
    OUT.mkdir(parents=True, exist_ok=True)
    arguments = f"--ServerApp.port={port} --ServerApp.port_retries=0 --no-browser"
    # As a person has it, but that nothing asks for news.
    settings = OUT / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    env = dict(os.environ, JUPYTER_TOKEN=token, LAB=arguments, JUPYTERLAB_SETTINGS_DIR=str(OUT / "settings"),
               JUPYTERLAB_WORKSPACES_DIR=str(OUT / "workspaces"))
    env.pop("GENLAB_REDUCED", None)
    env.pop("GENLAB_UNATTENDED", None)
    with open(OUT / "server.log", "w") as log:
        process = subprocess.Popen(["make", "--no-print-directory", "lab"], cwd=CHECKOUT, env=env, stdout=log, stderr=log, start_new_session=True)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{base}/api?token={token}", timeout=2).read()
                break
            except OSError:
                if process.poll() is not None:
                    sys.exit(f"browser: JupyterLab didn't start:\n{(OUT / 'server.log').read_text()[-2000:]}")
                time.sleep(0.1)
        else:
            sys.exit("browser: JupyterLab didn't answer within a minute")
        yield base, token
    finally:
        with contextlib.suppress(OSError):
            request = urllib.request.Request(f"{base}/api/shutdown?token={token}", method="POST")
            urllib.request.urlopen(request, timeout=5).read()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 15)
            process.wait(15)


class Notebook:
    """A notebook open in JupyterLab: the one of that name in the page."""

    def __init__(self, page, base, token, path, workspace="auto", open_page=True):
        self.page, self.name, self.connected = page, Path(path).name, False
        if open_page:
            page.goto(f"{base}/lab/workspaces/{workspace}/tree/{path}?reset&token={token}")
        self.root = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")
        self.root.wait_for(timeout=60_000)
        # Before it knows of a kernel the page says idle, and a cell started then is lost; unknown and busy may be on the way to idle.
        same, last = 0, None
        for _ in range(1200):
            status = self.status()
            same, last = (same + 1 if status == last else 0), status
            self.connected |= status in ("connecting", "unknown", "busy")
            if self.connected and status == "idle" or same > {"unknown": 20, "busy": 60, "idle": 100}.get(status, 1200):
                return
            time.sleep(0.05)
        raise AssertionError(f"{self.name}: the kernel didn't start within a minute: {status}")

    def status(self):
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator").get_attribute("data-status")

    def cell(self, index):
        return self.root.locator(".jp-CodeCell").nth(index)

    def start(self, index):
        """Begin to run a cell."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def prompt(self, index):
        return self.cell(index).locator(".jp-InputArea-prompt").inner_text().strip()

    def finish(self, index, timeout=40):
        """Wait until a cell has run; return its text."""
        end = time.monotonic() + timeout
        while "*" in (p := self.prompt(index)) or p in ("[ ]:", ""):
            if time.monotonic() > end:
                raise AssertionError(f"{self.name}: cell {index} is still {p!r} after {timeout} s: {self.output(index)}")
            time.sleep(0.01)
        # Outputs come on another channel than the prompt's number; the kernel is idle after the last of them.
        while self.status() == "busy" and time.monotonic() < end:
            time.sleep(0.01)
        return self.output(index)

    def run(self, index, timeout=40):
        """Run a cell to its end; return its text and the seconds from the key to the new prompt."""
        start = time.monotonic()
        before = self.prompt(index)
        self.start(index)
        while self.prompt(index) == before and time.monotonic() - start < 5:
            time.sleep(0.005)
        text = self.finish(index, timeout)
        return text, time.monotonic() - start

    def output(self, index):
        area = self.cell(index).locator(".jp-OutputArea-output")
        return "\n".join(area.nth(i).inner_text() for i in range(area.count()))

    def command(self, name):
        """A command from the palette, by its words."""
        self.page.keyboard.press("Control+Shift+C")
        self.page.locator(".lm-CommandPalette-input").fill(name)
        self.page.locator(".lm-CommandPalette-item").first.click()

    def save(self):
        self.cell(0).locator(".jp-InputArea-prompt").click()
        self.page.keyboard.press("Control+s")
        time.sleep(0.5)

    def panel(self, index=0):
        """The panel of a cell, when its process answers."""
        panel = self.root.locator(".genlab-panel").nth(index)
        panel.wait_for(timeout=60_000)
        self.page.wait_for_function("p => p.dataset.live === 'yes'", arg=panel.element_handle(), timeout=20_000)
        return panel

    def shot(self, name):
        self.page.screenshot(path=str(OUT / f"{name}.png"))


if __name__ == "__main__":  # whether there is a browser to test with
    if not chromium():
        print("browser: SKIPPED, there is no Chromium: install one (on Debian, apt install chromium), or name it with CHROMIUM=/path")
        sys.exit(1)
