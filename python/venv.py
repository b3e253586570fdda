"""Make the checkout's .venv as requirements.txt pins it, unless it is there and whole.

Run from the checkout's root by any Python from 3.10 on. A stamp, written last, says which lock file, which
Python and which place the environment was made for: without it, or with another, it is made anew.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path("python/requirements.txt")
VENV = Path(".venv")
STAMP = VENV / "genlab-stamp.json"
PYTHON = VENV / "bin" / "python"

# What must be there for notebooks to run: a package removed since fails here.
PROBE = """
import json, sys, zmq
from importlib.util import find_spec
missing = [m for m in ("jupyterlab", "jupyter_console", "nbclient", "nbconvert", "nbformat") if not find_spec(m)]
print(json.dumps([0] if missing else list(sys.version_info[:3])))
"""


def stamp(version):
    return {
        "lock": hashlib.sha256(LOCK.read_bytes()).hexdigest(),
        "python": version,
        "path": str(VENV.resolve()),  # scripts and links in it name the place
    }


def whole():
    """Whether the environment is the one that the lock file asks for, and works."""
    try:
        saved = json.loads(STAMP.read_text())
        probe = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, text=True, timeout=120)
        version = json.loads(probe.stdout) if probe.returncode == 0 else [0]
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    return version >= [3, 10] and saved == stamp(version)


def make():
    print(f"setup: making .venv with Python {sys.version.split()[0]} (half a minute)", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode:
        sys.exit(
            f"setup: {sys.executable} can't make a virtual environment; on Debian and Ubuntu: "
            f"apt install python3-venv\n{(made.stdout + made.stderr).strip()}"
        )
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run(pip + ["--require-hashes", "--only-binary", ":all:", "--requirement", LOCK])
    if done.returncode:
        sys.exit("setup: pip could not install python/requirements.txt (see above): run the same command again")
    version = json.loads(subprocess.check_output([PYTHON, "-c", PROBE], text=True))
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps(stamp(version)))
    os.replace(part, STAMP)


def main():
    if sys.version_info < (3, 10):
        sys.exit("setup: Python 3.10 or newer is needed, this is %s" % sys.version.split()[0])
    os.makedirs(".cache", exist_ok=True)
    with open(".cache/venv.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole():
            make()


if __name__ == "__main__":
    main()
