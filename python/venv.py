"""Make one of the checkout's environments as its lock file pins it, unless it is there and whole: venv.py notebooks|peers|book.

Run from the checkout's root by a Python that is new enough for it. A stamp, written last, says which lock file,
which Python and which place the environment was made for: without it, or with another, it is made anew.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

# Of each: its place, its lock file, the oldest Python, what must be there for it to serve (a package removed since
# fails here, and the first is imported, too), and how long making it takes.
ENVIRONMENTS = {
    "notebooks": (
        Path(".venv"),
        Path("python/requirements.txt"),
        (3, 10),
        ("zmq", "jupyterlab", "jupyter_console", "nbclient", "nbconvert", "nbformat"),
        "half a minute",
    ),
    "peers": (
        Path(".cache/peers"),
        Path("python/peers.txt"),
        (3, 11),
        ("torch", "jax", "optax", "transformers", "statsmodels", "sacrebleu", "tokenizers", "tiktoken", "onnx"),
        "some minutes; 7 GB on Linux, where PyTorch brings CUDA",
    ),
    "book": (Path(".cache/book"), Path("python/book.txt"), (3, 11), ("sphinx", "myst_nb", "furo", "latex2mathml"), "a minute"),
}
NAME = sys.argv[1] if len(sys.argv) == 2 else ""
if NAME not in ENVIRONMENTS:
    sys.exit("usage: venv.py " + "|".join(ENVIRONMENTS))
VENV, LOCK, OLDEST, MODULES, DURATION = ENVIRONMENTS[NAME]
STAMP = VENV / "genlab-stamp.json"
PYTHON = VENV / "bin" / "python"

PROBE = f"""
import json, sys, {MODULES[0]}
from importlib.util import find_spec
missing = [m for m in {MODULES} if not find_spec(m)]
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
    return version >= list(OLDEST) and saved == stamp(version)


def make():
    print(f"setup: making {VENV} with Python {sys.version.split()[0]} ({DURATION})", flush=True)
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
        sys.exit(f"setup: pip could not install {LOCK} (see above): run the same command again")
    version = json.loads(subprocess.check_output([PYTHON, "-c", PROBE], text=True))
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps(stamp(version)))
    os.replace(part, STAMP)


def main():
    if sys.version_info < OLDEST:
        sys.exit(f"setup: {VENV} needs Python {OLDEST[0]}.{OLDEST[1]} or newer, this is {sys.version.split()[0]}")
    os.makedirs(".cache", exist_ok=True)
    with open(f".cache/{NAME}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole():
            make()


if __name__ == "__main__":
    main()
