"""A JupyterLab of the checkout's own."""

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
LIMIT = 120  # seconds after which a test waits in vain, on a machine however busy; it waits for conditions, never for a time


def until(what, condition, limit=LIMIT):
    """Ask again and again until something is so; return it."""
    end = time.monotonic() + limit
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.05)
    return value


def chromium():
    """The Chromium to drive: CHROMIUM's, or the first on the PATH; None where there is none."""
    if os.environ.get("CHROMIUM"):
        return os.environ["CHROMIUM"]
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if shutil.which(name):
            return shutil.which(name)
    return None


def ask(base, token, method, path):
    """Ask the server's own interface."""
    request = urllib.request.Request(f"{base}/api{path}", method=method, headers={"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or "null")


def end_kernels(base, token):
    """End what a test left running."""
    for kernel in ask(base, token, "GET", "/kernels"):
        ask(base, token, "DELETE", f"/kernels/{kernel['id']}")


@contextlib.contextmanager
def server():
    """JupyterLab as `make lab` starts it, on a port of its own; gives its address and token."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    token = secrets.token_hex(16)
    OUT.mkdir(parents=True, exist_ok=True)
    arguments = f"--ServerApp.port={port} --ServerApp.port_retries=0 --no-browser --LabApp.expose_app_in_browser=True"
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

        def answers():
            if process.poll() is not None:
                raise AssertionError(f"JupyterLab didn't start:\n{(OUT / 'server.log').read_text()[-2000:]}")
            with contextlib.suppress(OSError):
                return ask(base, token, "GET", "")

        until("JupyterLab answers", answers)
        yield base, token
    finally:
        with contextlib.suppress(OSError):
            ask(base, token, "POST", "/shutdown")
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 15)
            process.wait(15)


if __name__ == "__main__":  # whether there is a browser to test with
    if not chromium():
        print("browser: SKIPPED, there is no Chromium: install one (on Debian, apt install chromium), or name it with CHROMIUM=/path")
        sys.exit(1)
