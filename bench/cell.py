"""Seconds of a warm notebook cell in the kernel genlab: cell.py COUNT. Each cell differs from the one before by a number."""
import json
import sys
import time

from jupyter_client.manager import start_new_kernel

CELL = """import (
    "github.com/gomlx/gomlx/core/graph"
    "genlab/lib/backend"
)

%%
b, err := backend.Open()
if err != nil {{ panic(err) }}
fmt.Println(graph.CallOnce(b, func(x *graph.Node) *graph.Node {{ return graph.Sqrt(graph.AddScalar(graph.Square(x), {n})) }}, []float32{{3}}))
"""

manager, client = start_new_kernel(kernel_name="genlab")
try:
    times = []
    for n in range(int(sys.argv[1])):
        began = time.perf_counter()
        reply = client.execute_interactive(CELL.format(n=n), timeout=300, output_hook=lambda message: None)
        if reply["content"]["status"] != "ok":
            sys.exit(f"the cell failed: {reply['content']}")
        times.append(time.perf_counter() - began)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print(json.dumps(times))
