"""Hold the kernel "Go (genlab)" to what docs/notebooks.md says of its cells and of its end, without a browser.

    .venv/bin/python tests/kernel.py [--whole] [NAME ...]

--whole interrupts fifty cells instead of six, and ends kernels in every way with every kind of cell. NAME picks tests. It looks for what a kernel leaves in /proc, and so needs Linux.
"""

import argparse
import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from jupyter_client.manager import KernelManager

CHECKOUT = Path(__file__).resolve().parents[1]
LIMIT = 120  # seconds after which something waited for doesn't come, on a machine however busy


def until(what, condition, limit=LIMIT):
    """Ask again and again until something is so; return it."""
    end = time.monotonic() + limit
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.02)
    return value


class Kernel:
    """A kernel of the checkout, with all its files in a folder of its own, and its processes known by it."""

    def __init__(self):
        self.tmp = tempfile.TemporaryDirectory(prefix="kernel_test_")
        self.start()

    def start(self):
        self.manager = KernelManager(kernel_name="genlab")
        self.manager.start_kernel(env={**os.environ, "TMPDIR": self.tmp.name}, cwd=str(CHECKOUT / "notebooks"))
        self.pid = self.manager.provisioner.pid
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=LIMIT)

    def processes(self, name=""):
        """The processes that have this kernel's folder in their environment."""
        pids = []
        for proc in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if f"TMPDIR={self.tmp.name}".encode() in (proc / "environ").read_bytes().split(b"\0"):
                    command = (proc / "cmdline").read_bytes().split(b"\0")
                    if name in command[0].decode() and (proc / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                        pids.append(int(proc.name))
        return pids

    def files(self):
        return [os.path.join(folder, name) for folder, folders, names in os.walk(self.tmp.name) for name in folders + names]

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def shown(self, request, limit=LIMIT):
        """What a cell writes and how it ends, once it has: its texts together, and the error's words or ""."""
        text, end = "", time.monotonic() + limit
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                text += content["text"]
            elif kind == "status" and content["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=max(0.1, end - time.monotonic()))
            if reply["parent_header"].get("msg_id") == request:
                return text, reply["content"].get("evalue", "")

    def run(self, code, **options):
        return self.shown(self.send(code, **options))

    def answer(self, request, text):
        """Tell a cell what it asks for."""
        while self.client.get_stdin_msg(timeout=LIMIT)["parent_header"]["msg_id"] != request:
            pass
        self.client.input(text)

    def ended(self):
        """Nothing is left: no process, no file."""
        until(f"left {self.processes()}, {self.files()}", lambda: not self.processes() and not self.files(), 30)

    def again(self):
        """Another kernel with the same folder."""
        self.client.stop_channels()
        self.manager.cleanup_resources()
        self.start()

    def close(self):
        self.client.stop_channels()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.manager.cleanup_resources()
        self.tmp.cleanup()


@contextlib.contextmanager
def kernel():
    k = Kernel()
    try:
        yield k
    finally:
        k.close()


def equal(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


# Cells

LOOP = 'import "time"\n%%\nfor {\n\ttime.Sleep(time.Second)\n}'
# Its page is never there; it would go on for a quarter of a minute.
PANEL = """import . "genlab/lib/notebook"
%%
Explore("x", func(v Values) View { return View{Text: "x"} }, Slider{Name: "x", Max: 1})"""
# What takes its time to stop when it is told to.
SAVES = """import (
	"os"
	"time"

	. "genlab/lib/notebook"
)
%%
ctx := UntilInterrupt()
os.WriteFile("FILE", []byte("begun"), 0o644)
<-ctx.Done()
time.Sleep(3 * time.Second)
os.WriteFile("FILE", []byte("saved"), 0o644)"""


def test_lines(_whole):
    """Lines of a string, a comment or an expression that begin with ! or % are Go's."""
    with kernel() as k:
        for code, want in [
            ('import "fmt"\n%%\ns := `first\n!echo ran\nlast`\nfmt.Printf("%q\\n", s)', '"first\\n!echo ran\\nlast"\n'),
            ('%%\ns := `# Title\n%% half\nend`\nfmt.Printf("%q\\n", s)', '"# Title\\n%% half\\nend"\n'),
            ("%%\nok := true\nbad := false ||\n!ok\nfmt.Println(bad)", "false\n"),
            ('%%\n/*\n!echo in a comment\n*/\nfmt.Println("c")', "c\n"),
            ('!echo one\n%%\nfmt.Println("two")\n!echo \\\n!three', "one\n!three\ntwo\n"),
        ]:
            equal(k.run(code), (want, ""))


def test_input(_whole):
    """A cell that reads standard input says at once how to ask for it; one that asks gets it; later cells run."""
    reads = 'import "fmt"\n%%\nvar q string\nASKfmt.Scanln(&q)\nfmt.Println("read", q)'
    asks = reads.replace("ASK", 'gonbui.RequestInput("name?", false)\n').replace("import", 'import "github.com/janpfeifer/gonb/gonbui"\nimport', 1)
    with kernel() as k:
        for code in [
            reads.replace("ASK", ""),
            'import ("bufio"; "os")\n%%\nfor s := bufio.NewScanner(os.Stdin); s.Scan(); {\n}',
            'import ("io"; "os")\n%%\nio.ReadAll(os.Stdin)',
            'import ("os"; "os/exec")\n%%\nc := exec.Command("cat")\nc.Stdin = os.Stdin\nc.Run()',
        ]:
            text, error = k.run(code)
            assert "gonbui.RequestInput" in error and text == error + "\n", (text, error)
        text, error = k.run(asks, allow_stdin=False)
        assert "gonbui.RequestInput" in error, (text, error)
        equal(k.run("!cat; read x; echo \"[$x]\""), ("[]\n", ""))
        request = k.send(asks, allow_stdin=True)
        k.answer(request, "me")
        equal(k.shown(request), ("read me\n", ""))
        request = k.send("%with_inputs\n!read x; echo \"[$x]\"", allow_stdin=True)
        k.answer(request, "me")
        equal(k.shown(request), ("[me]\n", ""))
        equal(k.run('%%\nfmt.Println("later")'), ("later\n", ""))


def test_interrupts(whole):
    """An interrupt at any moment ends the cell, and no later one."""
    draw = random.Random(1)
    with kernel() as k:
        k.run('import "fmt"\n%%\nfmt.Println(1)')
        for i in range(50 if whole else 6):
            request = k.send(LOOP + f"// {i}")
            time.sleep(draw.uniform(0, 1.5))
            k.manager.interrupt_kernel()
            began = time.monotonic()
            text, error = k.shown(request)
            assert error in ("interrupted", "signal: interrupt"), (i, text, error)
            assert time.monotonic() - began < 5, f"interrupt {i} was obeyed after {time.monotonic() - began} s"
            if i % 5 == 0:
                equal(k.run('%%\nfmt.Println("later")'), ("later\n", ""))
        # A second one ends what the first has made save.
        with tempfile.TemporaryDirectory() as out:
            file = Path(out) / "file"
            request = k.send(SAVES.replace("FILE", str(file)))
            until("the cell runs", lambda: file.exists() and file.read_text() == "begun")
            for _ in range(2):
                k.manager.interrupt_kernel()
                time.sleep(0.5)
            equal(k.shown(request)[1], "signal: interrupt")
            equal(file.read_text(), "begun")
        # Commands of the shell with what they have started, and what stands below them.
        request = k.send("!sleep 1000; echo slept\n!echo second\n%%\nfmt.Println(3)")
        until("sleep runs", lambda: k.processes("sleep"))
        k.manager.interrupt_kernel()
        text, error = k.shown(request)
        assert error == "interrupted" and "second" not in text and not k.processes("sleep"), (text, error)
        # A cell that waits behind the interrupted one is interrupted too.
        first, second = k.send(LOOP), k.send('%%\nfmt.Println("second")')
        time.sleep(0.3)
        k.manager.interrupt_kernel()
        assert k.shown(first)[1] and k.shown(second)[1] == "interrupted"


def test_ends(whole):
    """However a kernel ends, with whatever cell, its processes and files go with it."""

    def shut_down(k):
        k.manager.shutdown_kernel()

    def kill_both(k):
        for s in (signal.SIGSTOP, signal.SIGKILL):  # so that neither does anything for the other
            for pid in [*k.processes("bin/gonb"), k.pid]:
                os.kill(pid, s)

    ways = {
        "shutdown": shut_down,
        "its group killed": lambda k: os.killpg(k.pid, signal.SIGKILL),
        "SIGTERM": lambda k: os.kill(k.pid, signal.SIGTERM),
        "SIGHUP": lambda k: os.kill(k.pid, signal.SIGHUP),
        "genlab killed": lambda k: os.kill(k.pid, signal.SIGKILL),
        "GoNB killed": lambda k: [os.kill(p, signal.SIGKILL) for p in k.processes("bin/gonb")],
        "GoNB stopped": lambda k: [os.kill(p, signal.SIGTERM) for p in k.processes("bin/gonb")],
        "both killed": kill_both,
    }
    cells = {
        "panel": (PANEL, "gonb_"),
        "shell": ("!sleep 1000; true", "sleep"),
        "loop": (LOOP, "gonb_"),
        "compiling": (LOOP + "// 2", "/link"),
    }
    some = zip(ways, ["panel", "panel", "loop", "panel", "compiling", "panel", "shell", "panel"])
    for way, cell in itertools.product(ways, cells) if whole else some:
        with kernel() as k:
            code, process = cells[cell]
            k.send(code)
            until(f"the {cell} runs", lambda: k.processes(process))
            if cell == "panel":
                time.sleep(0.5)
            ways[way](k)
            began = time.monotonic()
            if way == "both killed":  # nobody is there to remove the folder, nor to end what the shell has started: the next kernel does
                left = set(os.listdir(k.tmp.name))
                assert left, "the test shows nothing"
                k.again()
                assert not left & set(os.listdir(k.tmp.name))
                k.manager.shutdown_kernel()
            k.ended()
            print(f"  {way} with a {cell}: nothing left after {time.monotonic() - began:.1f} s")


def test_restarts(whole):
    """A kernel that is restarted, in order or killed, runs cells again."""
    with kernel() as k:
        for now in [True, False] * (5 if whole else 1):
            k.send(PANEL)
            until("the panel runs", lambda: k.processes("gonb_"))
            k.manager.restart_kernel(now=now)
            k.client.wait_for_ready(timeout=LIMIT)
            equal(k.run('import "fmt"\n%%\nfmt.Println("again")'), ("again\n", ""))
            until("the first kernel is gone", lambda: len(k.processes("bin/gonb")) == 1)
        k.manager.shutdown_kernel()
        k.ended()


# What Jupyter does of this, in a process that can be killed.
JUPYTER = """
import os, sys, time
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name="genlab")
manager.start_kernel(env={**os.environ, "TMPDIR": sys.argv[1]}, cwd=sys.argv[2])
client = manager.client()
client.start_channels()
client.wait_for_ready()
client.execute(sys.argv[3])
time.sleep(1000)
"""


def test_jupyter_killed(_whole):
    """A kernel whose Jupyter is no more ends, and its cell."""
    with kernel() as k:
        k.manager.shutdown_kernel()
        jupyter = subprocess.Popen([sys.executable, "-c", JUPYTER, k.tmp.name, str(CHECKOUT / "notebooks"), PANEL])
        try:
            until("the panel runs", lambda: k.processes("gonb_"))
        finally:
            jupyter.kill()
            jupyter.wait()
        k.ended()


def test_saving(_whole):
    """A training that saves when its kernel is shut down has the time for it."""
    with kernel() as k, tempfile.TemporaryDirectory() as out:
        file = Path(out) / "file"
        k.send(SAVES.replace("FILE", str(file)))
        until("the cell runs", lambda: file.exists() and file.read_text() == "begun")
        k.manager.shutdown_kernel()
        until("it has saved", lambda: file.read_text() == "saved", 10)
        k.ended()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a test's name")
    args = parser.parse_args()
    if not Path("/proc/self/environ").exists():
        print("kernel: not tested: it needs Linux's /proc")
        return 0
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_") or args.names and not any(n in name for n in args.names):
            continue
        began = time.monotonic()
        try:
            test(args.whole)
            print(f"kernel: {name} passed in {time.monotonic() - began:.0f} s", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"kernel: {name} FAILED", flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
