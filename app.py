"""Start the app: read the flags, open the workspace, serve the page."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from contextlib import closing
from pathlib import Path

BUCKET = Path("/data")  # where a Space finds the storage bucket that its owner has mounted, if any


def default_workspace(*, is_space: bool, bucket: Path = BUCKET) -> Path:
    """Return where pairs and runs are kept: on a Space in its bucket, for all else is gone when it restarts."""
    return bucket / "pairbrush" if is_space and bucket.is_mount() else Path("workspace")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the flags; `auth` may also come from the environment, where other users of the machine cannot see it."""
    parser = argparse.ArgumentParser(description="Pairbrush: your own image editor from before/after pairs.")
    parser.add_argument("--workspace", type=Path, help="where pairs and runs are kept; default: workspace")
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
    args.workspace = args.workspace or default_workspace(is_space="SPACE_ID" in os.environ)
    if args.port is not None and not 1 <= args.port <= 65_535:
        parser.error(f"--port {args.port}: choose a number from 1 to 65535.")
    return args


def main() -> None:
    """Serve until interrupted."""
    args = parse()
    gc.disable()  # until everything is imported and built, see `keep_for_good`

    # Gradio reads these when it is imported, or when the app is built.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(2**53)  # else every event sums up the last 10,000 of them
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_TEMP_DIR"] = str(args.workspace.expanduser().resolve() / "cache")
    if os.environ.get("SPACES_ZERO_GPU"):
        import spaces  # noqa: F401 (which imports gradio, and wants to be imported before torch)
    from editor.ui.access import Access, bypass_proxies

    bypass_proxies(os.environ, host=args.host, has_public_link=args.share)
    from editor.errors import UserError
    from editor.memory import keep_for_good, share_heaps
    from editor.training.slices import is_zero_gpu
    from editor.ui.app import build_app, serve
    from editor.workspace import Services, Visitors, Workspace

    share_heaps()
    device = "cpu" if is_zero_gpu() else args.device  # there, a GPU is lent to trainings only
    try:
        is_space = "SPACE_ID" in os.environ
        access = Access.decide(host=args.host, share=args.share, auth=args.auth, is_space=is_space, public=args.public)
        limit = None if args.workspace_limit is None else args.workspace_limit * 1e9
        if access.is_public:
            is_lasting = not is_space or args.workspace.is_relative_to(BUCKET)
            opened = Visitors(args.workspace, device=device, max_bytes=limit, is_lasting=is_lasting)
        else:
            opened = Services(Workspace(args.workspace, max_bytes=limit), device=device, is_personal=access.is_personal)
        with closing(opened) as services:
            page = build_app(services)
            keep_for_good()
            serve(page, services, access=access, port=args.port, open_browser=not args.no_browser)
    except UserError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
