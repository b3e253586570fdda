"""Times two programs that print a JSON line with "seconds" an epoch, in alternating rounds: compare.py ROUNDS 'OURS' 'THEIRS'.

The first epoch of each round is left out: it compiles, or warms up. Prints the medians with their spread, and the median of the
rounds' ratios, theirs by ours.
"""
import json
import shlex
import statistics
import subprocess
import sys


def seconds(command):
    out = subprocess.run(shlex.split(command), check=True, capture_output=True, text=True).stdout
    return [json.loads(line)["seconds"] for line in out.splitlines()][1:]


def main():
    rounds, ours, theirs = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    all_ours, all_theirs, ratios = [], [], []
    for _ in range(rounds):
        a, b = seconds(ours), seconds(theirs)
        all_ours += a
        all_theirs += b
        ratios.append(statistics.median(b) / statistics.median(a))
    for name, values in ("ours", all_ours), ("theirs", all_theirs):
        print(f"{name}: median {statistics.median(values):.3f} s an epoch, {min(values):.3f} to {max(values):.3f}")
    print(f"theirs / ours: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


main()
