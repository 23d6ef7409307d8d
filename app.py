"""Start the app: read the flags, open the workspace, serve the page."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Pairbrush: your own image editor from before/after pairs.")
    parser.add_argument("--workspace", type=Path, default=Path("workspace"), help="where pairs and runs are kept")
    parser.add_argument("--port", type=int, help="default: GRADIO_SERVER_PORT, else the first free one from 7860")
    local = None if "SPACE_ID" in os.environ else "127.0.0.1"  # a Space decides for itself
    parser.add_argument("--host", default=local, help="address to serve on")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    args = parser.parse_args()

    # Gradio reads both when it is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(args.workspace.expanduser().resolve() / "cache")
    from editor.errors import UserError
    from editor.ui.app import build_app, serve
    from editor.workspace import Services, Workspace

    try:
        with closing(Services(Workspace(args.workspace), device=args.device)) as services:
            serve(build_app(services), services, host=args.host, port=args.port, open_browser=not args.no_browser)
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
