"""Times workloads side by side: genlab, PyTorch eager and compiled, JAX. Run from the checkout's root, best by `make bench`.

    python3 bench/run.py [NAME ...]           all workloads, or some, into out/bench/NAME.json
    python3 bench/run.py --quick              the main ones, shortly: five minutes
    python3 bench/run.py --smoke              all of them, tiny, checked to compute the same and not timed
    python3 bench/run.py --growth [NAME ...]  how time and memory grow with each size, into out/bench/growth/NAME.json

Each side of a workload is a process that makes itself ready from the same weights and inputs and then waits. First the losses of its
first steps are compared. Then rounds alternate between the sides, of about --seconds each after a warm-up, while the other processes
are stopped. The result is the median over rounds; the ratio is the median of the rounds' ratios. Rounds are added until the 95 %
interval of every median (order statistics) is within --spread of it; a median that four times the rounds don't settle is refused.
All compute on the CPU or, with GOMLX_BACKEND=xla:cuda, on the GPU.
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time

SIDES = ["genlab", "eager", "compile", "jax"]
QUICK = ["vae", "rnn", "gpt", "encoder-train", "gpt-generate"]
NO_SIDE = {"dalle": ["jax"], "dvae": ["jax"], "gpt-generate": ["compile"], "pixelcnn-draw": ["compile", "jax"], "feed-images": ["compile", "jax"], "feed-text": ["compile", "jax"],
           "matmul": ["compile"], "copy": ["compile"]}
PYTHON = os.environ.get("GENLAB_PEERS", ".cache/peers/bin/python")
GENLAB = ["bin/genlab", "bench"]
COMPILING = {"GOMLX_BACKEND": "xla:cpu"} | os.environ | {"GENLAB_PROGRAMS": "off"}  # every first step compiles, as the peers' do
CHECKED = 3  # steps whose losses are compared


class Failed(Exception):
    pass


class Worker:
    """One side's process. It is stopped while it isn't asked."""

    def __init__(self, side, command, log):
        self.side, self.log = side, log
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(log, "w"), text=True,
                                        env=COMPILING)
        self.began = time.perf_counter()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            lines = [s for s in pathlib.Path(self.log).read_text().splitlines() if s.strip()]
            raise Failed(f"{self.side}: {lines[-1] if lines else 'ended without a word'}")
        return json.loads(line)

    def ready(self):
        self.first = self.answer()
        self.first["started_seconds"] = time.perf_counter() - self.began
        self.pause()
        return self.first

    def round(self, steps):
        """Seconds a step."""
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        got = self.answer()
        self.pause()
        self.memory = got["memory"]
        return got["seconds"] / steps

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def end(self):
        self.process.kill()
        self.process.wait()


def start(name, folder, steps, sizes, sides, workers):
    """Starts the sides one after the other, so that each compiles alone, adds them to workers, and returns why others don't stand."""
    missing = {}
    changed = ["--set", ",".join(f"{k}={v}" for k, v in sizes.items())] if sizes else []
    for side in sides:
        if side in NO_SIDE.get(name, []):
            continue
        if side == "genlab":
            command = [*GENLAB, name, "--serve", str(folder), "--rounds", str(steps), *changed]
        else:
            command = [PYTHON, "bench/peers/worker.py", str(folder), side, str(steps)]
        workers.append(Worker(side, command, folder / f"{side}.log"))
        try:
            workers[-1].ready()
        except Failed as e:
            workers.pop().end()
            if side == "genlab":
                raise
            missing[side] = str(e)
    return missing


def apart(a, b):
    """The largest relative difference between two lists of lists."""
    if [len(x) for x in a] != [len(x) for x in b]:
        return float("inf")
    return max((abs(x - y) / max(1e-6, abs(x), abs(y)) for p, q in zip(a, b) for x, y in zip(p, q)), default=0)


def compare(workers, tolerance):
    """Compares each side's first outputs with genlab's."""
    ours = workers[0].first["outputs"]
    result = {w.side: apart(ours, w.first["outputs"]) for w in workers[1:]}
    bad = {side: d for side, d in result.items() if not d <= tolerance}
    if bad:
        raise Failed(f"these compute something else, relative difference above {tolerance}: {bad}")
    return result


def interval(values):
    """The 95 % interval of the median, whatever the distribution: two order statistics."""
    n, k, tail = len(values), 0, 0.0
    while tail + math.comb(n, k) / 2**n <= 0.025:
        tail += math.comb(n, k) / 2**n
        k += 1
    ordered, k = sorted(values), max(1, k)
    return ordered[k - 1], ordered[n - k]


def spread(values):
    """Half of the interval's width by the median."""
    low, high = interval(values)
    return (high - low) / 2 / statistics.median(values)


def ratios(times):
    """Round by round, how many times as long as genlab each other side takes."""
    return {side: [t / o for t, o in zip(values, times["genlab"])] for side, values in times.items() if side != "genlab"}


def alternate(rounds, options):
    """Rounds of all sides in turn until the medians are settled. rounds: for each side what does one and returns its seconds."""
    times, began = {side: [] for side in rounds}, time.perf_counter()
    for n in range(1, 4 * options.rounds + 1):
        for side, once in rounds.items():
            times[side].append(once())
        if n < options.rounds:
            continue
        settled = max(map(spread, [*times.values(), *ratios(times).values()])) <= options.spread
        if settled or time.perf_counter() - began > options.minutes * 60:
            break
    return times


def measure(workers, options):
    """A dictionary of lists of seconds a step."""
    steps = {}
    for w in workers:  # warm-up, and how many steps a round takes
        once = w.round(1)
        w.round(max(1, min(200, round(options.seconds / 3 / once))))
        once = min(once, w.round(1), w.round(1))
        steps[w.side] = max(1, round(options.seconds / once))
    return alternate({w.side: lambda w=w: w.round(steps[w.side]) for w in workers}, options)


def summary(times, options):
    result = {side: {"seconds": median(values, options), "times": values} for side, values in times.items()}
    for side, values in ratios(times).items():
        result[side]["ratio"] = median(values, options)
    return result


def median(values, options):
    (low, high), wide = interval(values), spread(values)
    result = dict(median=statistics.median(values), low=low, high=high, rounds=len(values))
    if wide > options.spread:
        result["refused"] = f"±{wide:.0%} after {len(values)} rounds"
    return result


def workload(name, options, sizes=None, sides=None, check=CHECKED):
    """Times one workload. The returned dictionary is what the JSON file holds."""
    with tempfile.TemporaryDirectory(prefix="genlab-bench-") as folder:
        folder = pathlib.Path(folder)
        workers = []
        try:
            missing = start(name, folder, check, sizes, sides or options.sides.split(","), workers)
            case = json.loads((folder / "case.json").read_text())
            differences = compare(workers, case["tolerance"])
            result = dict(name=name, about=case["about"], sizes=case["sizes"], tolerance=case["tolerance"], missing=missing)
            times = {} if options.smoke else measure(workers, options)
            rows = summary(times, options) if times else {}
            for w in workers:
                row = rows.setdefault(w.side, {})
                row |= dict(first_seconds=w.first["first_seconds"], started_seconds=w.first["started_seconds"],
                            version=w.first.get("version", ""))
                if times:
                    row["memory"] = w.memory
                if w.side in differences:
                    row["difference"] = differences[w.side]
            result["sides"] = rows
            result["outputs"] = workers[0].first["outputs"]
            if len(workers) > 1 and workers[1].side == "eager":
                result["golden"] = {"version": workers[1].first["version"], "outputs": workers[1].first["outputs"]}
            return result
        finally:
            for w in workers:
                w.end()


def start_program(name, about, options, environment):
    """From the start of a process to the first step's loss, and the process's end: the whole program, nothing warm but the disk."""
    sides = [s for s in options.sides.split(",") if s != "compile"]
    with tempfile.TemporaryDirectory(prefix="genlab-bench-") as folder:
        folder = pathlib.Path(folder)
        env = COMPILING | {k: v.format(folder=folder) for k, v in environment.items()}
        commands = {side: [PYTHON, "bench/peers/worker.py", str(folder), side, "1", "--once"] for side in sides}
        commands["genlab"] = [*GENLAB, "vae", "--serve", str(folder), "--rounds", "1"]

        def once(side):
            began = time.perf_counter()
            subprocess.run(commands[side], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            return time.perf_counter() - began

        for side in sides:  # genlab first: it writes the others' case. Brings the files into memory
            once(side)
        times = alternate({side: lambda side=side: once(side) for side in sides}, options)
    return dict(name=name, about=about, sizes={}, missing={}, sides=summary(times, options))


def cold_start(options):
    return start_program("cold-start", "a program that takes one step of the VAE: process, libraries, compiling, step", options, {})


def warm_start(options):
    """With what genlab keeps of a compiled program by itself, and JAX where it is asked to."""
    return start_program("warm-start", "the same program again, its compiled graph kept on disk", options, {
        "GENLAB_PROGRAMS": "{folder}/programs", "JAX_COMPILATION_CACHE_DIR": "{folder}/jax",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"})


def notebook_cell(options):
    """A cell of a notebook, warm: edited, compiled and run anew, with a small graph. In the kernel of `make setup`."""
    out = subprocess.run([".venv/bin/python", "bench/cell.py", str(4 * options.rounds + 2)], check=True, capture_output=True, text=True).stdout
    times = json.loads(out)[2:]  # all the rounds that a workload may have: the kernel answers alone, there is no ratio to settle
    return dict(name="notebook-cell", about="a warm notebook cell that builds and runs a small graph", sizes={}, missing={},
                sides=summary({"genlab": times}, options))


SPECIAL = {"cold-start": cold_start, "warm-start": warm_start, "notebook-cell": notebook_cell}


def growth(described, options):
    """One size at a time, the others as they are timed; genlab, the better of PyTorch (eager, to keep it short) and JAX."""
    name = described["name"]
    result = dict(name=name, sizes=described["sizes"], axes={})
    for axis, values in described["growth"].items():
        points = []
        for value in values:
            try:
                got = workload(name, options, {axis: value}, ["genlab", "eager", "jax"], check=1)
            except Failed as e:
                print(f"{name} {axis}={value}: {e}", file=sys.stderr)
                continue
            points.append(dict(value=value, sides={s: {k: r.get(k) for k in ("seconds", "first_seconds", "memory")} for s, r in got["sides"].items()}))
            print(f"{name} {axis}={value}:", ", ".join(f"{s} {1e3 * r['seconds']['median']:.3g} ms" for s, r in got["sides"].items()), flush=True)
        result["axes"][axis] = points
    return result


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    return dict(processor=model, threads=len(os.sched_getaffinity(0)), system=platform.platform(),
                memory=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), load=os.getloadavg()[0])


def write(path, result, options):
    result |= dict(date=datetime.datetime.now().isoformat(timespec="minutes"), command=" ".join([options.called, *sys.argv[1:]]),
                   machine=machine(), spread_allowed=options.spread, round_seconds=options.seconds)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(result, indent=1) + "\n")
    new.rename(path)


def show(result):
    print(result["name"] + ":", end=" ")
    parts = []
    for side, row in result["sides"].items():
        if "seconds" not in row:
            parts.append(f"{side} alike" if side != "genlab" else "genlab")
            continue
        text = f"{side} {1e3 * row['seconds']['median']:.3g} ms"
        if "ratio" in row:
            text += " (ratio {median:.2f}, {low:.2f} to {high:.2f})".format(**row["ratio"])
        parts.append(text + " REFUSED" * any("refused" in m for m in (row["seconds"], row.get("ratio", {}))))
    parts += [f"{side} missing: {why}" for side, why in result["missing"].items()]
    print(", ".join(parts), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("names", nargs="*")
    for flag in "quick", "smoke", "growth":
        p.add_argument("--" + flag, action="store_true")
    p.add_argument("--sides", default=",".join(SIDES), help="those to take, genlab first")
    p.add_argument("--golden", action="store_true", help="with --smoke: write what PyTorch computed into testdata/bench.json, for the Go tests")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--seconds", type=float, default=0.5, help="of a round")
    p.add_argument("--minutes", type=float, default=2, help="after which a workload gets no more rounds")
    p.add_argument("--spread", type=float, default=0.10, help="of a median, half its 95 %% interval, that is still reported")
    p.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out/bench"))
    options = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the workers are stopped and would never see their end
    options.called = "python3 bench/run.py"
    listed = json.loads(subprocess.run([*GENLAB, "--json"], check=True, capture_output=True, text=True).stdout)
    described = {w["name"]: w for w in listed}
    if options.growth:
        options.rounds, options.seconds, options.spread, options.minutes = 5, 0.2, 1.0, 0
        for name in options.names or [w["name"] for w in listed if w["growth"]]:
            write(options.out / "growth" / f"{name}.json", growth(described[name], options), options)
        return
    names = options.names or (QUICK if options.quick else [*described, *([] if options.smoke else SPECIAL)])
    if options.quick:
        options.rounds, options.seconds, options.minutes = 7, 0.3, 0.5
    failed, golden = [], {}
    for name in names:
        try:
            if name in SPECIAL:
                result = SPECIAL[name](options)
            else:
                result = workload(name, options, described[name]["tiny"] if options.smoke else None)
        except (Failed, subprocess.CalledProcessError) as e:
            print(f"{name}: FAILED: {e}", file=sys.stderr, flush=True)
            failed.append(name)
            continue
        show(result)
        if options.smoke and result["missing"]:
            failed.append(name)
        if "golden" in result:
            golden.setdefault(described[name]["peer"], {})[name] = result.pop("golden")
        if not options.smoke:
            write(options.out / f"{name}.json", result, options)
    if options.golden:
        for peer, results in golden.items():
            home = next(pathlib.Path().glob(f"lib/*/*/peer/{peer}.py"), pathlib.Path("bench/peers/x.py"))
            file = home.parents[1] / "testdata/bench.json"
            old = json.loads(file.read_text()) if file.exists() else {}
            file.write_text(json.dumps(old | results, indent=1) + "\n")
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
