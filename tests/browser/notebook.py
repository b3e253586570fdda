"""A notebook as a page of JupyterLab shows it."""

import json
import re
import time
from pathlib import Path

from playwright.sync_api import expect

from lab import CHECKOUT, LIMIT, OUT, until

expect.set_options(timeout=1000 * LIMIT)

# Whether the notebook in front is the one of that path and its kernel takes cells.
READY = """path => {
  const panel = window.jupyterapp?.shell.currentWidget, session = panel?.sessionContext;
  return panel?.context?.path === path && session?.isReady && session.session?.kernel?.connectionStatus === "connected";
}"""


def whole(file):
    """Whether a notebook can be read: Jupyter empties the file before it writes."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return None


class Notebook:
    """A notebook open in JupyterLab: the one in front of the page. The page's default time limit is to be LIMIT."""

    def __init__(self, page, base, token, path, workspace="auto", open_page=True):
        self.page, self.path = page, path
        if open_page:
            page.goto(f"{base}/lab/workspaces/{workspace}/tree/{path}?reset&token={token}")
        self.root = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook")
        self.root.wait_for()
        page.wait_for_function(READY, arg=path)

    def cell(self, index):
        return self.root.locator(".jp-CodeCell").nth(index)

    def output(self, index):
        return self.cell(index).locator(".jp-Cell-outputArea")

    def prompt(self, index):
        return self.cell(index).locator(".jp-Cell-inputArea .jp-InputArea-prompt")

    def start(self, index):
        """Begin to run a cell."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def finish(self, index):
        """Wait until a cell has run."""
        expect(self.prompt(index)).to_have_text(re.compile(r"\[\d+\]:"))

    def run(self, index, shows=""):
        """Run a cell to its end, and until its output shows a text; return the seconds from the key to the prompt's new number."""
        prompt = self.prompt(index).element_handle()
        before = prompt.text_content()
        self.start(index)
        start = time.monotonic()
        self.page.wait_for_function(
            "([prompt, before]) => prompt.textContent !== before && /\\[\\d+\\]:/.test(prompt.textContent)", arg=[prompt, before])
        seconds = time.monotonic() - start
        expect(self.output(index)).to_contain_text(shows)
        return seconds

    def interrupt(self):
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()

    def restart(self):
        """Restart the kernel, and wait until the new one takes cells."""
        self.page.evaluate("""() => jupyterapp.shell.currentWidget.sessionContext.statusChanged.connect((_, status) => {
          window.restarted ||= status === "restarting";
        })""")
        self.page.locator('[data-command="notebook:restart-kernel"]').first.click()
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()
        self.page.wait_for_function("() => window.restarted")
        self.page.wait_for_function(READY, arg=self.path)

    def front(self):
        """Bring the notebook's tab to the front."""
        self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", has_text=Path(self.path).name).click()
        self.page.wait_for_function(READY, arg=self.path)

    def command(self, name):
        """A command from the palette, by its words."""
        self.page.keyboard.press("Control+Shift+C")
        self.page.locator(".lm-CommandPalette-input").fill(name)
        self.page.locator(".lm-CommandPalette-item", has_text=name).first.click()

    def save(self):
        """Save by the keyboard, and wait until it is on the disk."""
        file = CHECKOUT / self.path
        before = file.stat().st_mtime_ns
        self.prompt(0).click()
        self.page.keyboard.press("Control+s")
        until(f"{self.path} is saved", lambda: file.stat().st_mtime_ns != before and whole(file))

    def panel(self, index):
        """The panel of a cell, when its process answers."""
        panel = Panel(self.page, self.cell(index).locator(".genlab-panel"))
        expect(panel.root).to_have_attribute("data-live", "yes")
        return panel

    def shot(self, name):
        self.page.screenshot(path=str(OUT / f"{name}.png"))


class Panel:
    """A panel of Explore that lives."""

    def __init__(self, page, root):
        self.page, self.root = page, root
        self.picture, self.text, self.status = root.locator("img"), root.locator("pre"), root.locator(".status")

    def field(self, index):
        return self.root.locator("[data-field]").nth(index)

    def settle(self):
        """Wait until the newest move has its answer."""
        expect(self.root).to_have_attribute("aria-busy", "false")

    def press(self, index, key, times):
        """Move a control by the keyboard, each move answered before the next."""
        self.field(index).focus()
        for _ in range(times):
            self.page.keyboard.press(key)
            self.settle()

    def milliseconds(self):
        """From move to picture, of every answer so far."""
        return json.loads(self.root.get_attribute("data-milliseconds"))
