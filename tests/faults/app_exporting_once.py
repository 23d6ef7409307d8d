"""The app, which exports the graph of a run once: forged events ask for it at every turn, and it takes seconds."""

from functools import cache

import app
from editor.sharing import onnx_graph, web_page

PROGRAM = "tests/faults/app_exporting_once.py"  # see `processes.start`

if __name__ == "__main__":
    onnx_graph.graphs_of = web_page.graphs_of = cache(onnx_graph.graphs_of)
    app.main()
