"""The app, with two things cheaper that forged requests ask for at every turn.

The graph of a run is exported once, for it takes seconds. And Gradio keeps the state of few pages, so that it takes few
to fill it.
"""

from functools import cache

import app
from editor.sharing import onnx_graph, web_page
from editor.ui import theme

PROGRAM = "tests/faults/quick_app.py"  # see `processes.start`
KEPT_PAGES = 100

if __name__ == "__main__":
    onnx_graph.graphs_of = web_page.graphs_of = cache(onnx_graph.graphs_of)
    theme.KEPT_PAGES = KEPT_PAGES
    app.main()
