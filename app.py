"""Start the app: read the flags, open the workspace, serve the page."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the flags; `auth` may also come from the environment, where other users of the machine cannot see it."""
    parser = argparse.ArgumentParser(description="Pairbrush: your own image editor from before/after pairs.")
    parser.add_argument("--workspace", type=Path, default=Path("workspace"), help="where pairs and runs are kept")
    parser.add_argument("--workspace-limit", type=float, metavar="GB", help="the most it may take; default: the disk")
    parser.add_argument("--port", type=int, help="default: GRADIO_SERVER_PORT, else the first free one from 7860")
    parser.add_argument("--host", help="address to serve on; default: this machine. Others need --auth or --public")
    parser.add_argument(
        "--share", action="store_true", help="a link through Gradio's servers; needs --auth or --public"
    )
    parser.add_argument(
        "--auth", default=os.environ.get("PAIRBRUSH_AUTH"), metavar="USER:PASSWORD", help="default: PAIRBRUSH_AUTH"
    )
    parser.add_argument(
        "--public", action="store_true", help="a workspace of their own, with limits, for every visitor"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    args = parser.parse_args(arguments)
    if args.port is not None and not 1 <= args.port <= 65_535:
        parser.error(f"--port {args.port}: choose a number from 1 to 65535.")
    return args


def main() -> None:
    """Serve until interrupted."""
    args = parse()

    # Gradio reads both when it is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(args.workspace.expanduser().resolve() / "cache")
    from editor.ui.access import Access, bypass_proxies

    bypass_proxies(os.environ, host=args.host, is_shared=args.share)
    from editor.errors import UserError
    from editor.memory import share_heaps
    from editor.ui.app import build_app, serve
    from editor.workspace import Services, Visitors, Workspace

    share_heaps()
    try:
        is_space = "SPACE_ID" in os.environ
        access = Access.decide(host=args.host, share=args.share, auth=args.auth, is_space=is_space, public=args.public)
        limit = None if args.workspace_limit is None else args.workspace_limit * 1e9
        if access.is_public:
            opened = Visitors(args.workspace, device=args.device, max_bytes=limit)
        else:
            opened = Services(Workspace(args.workspace, max_bytes=limit), device=args.device)
        with closing(opened) as services:
            serve(build_app(services), services, access=access, port=args.port, open_browser=not args.no_browser)
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
