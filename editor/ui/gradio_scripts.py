"""A script of Gradio (6.31), changed as it is served, so that a page opens with four fifths of the work.

A script that lacks what is changed here, such as that of another version of Gradio, is served as it is.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from gradio.routes import BUILD_PATH_LIB
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = Path(BUILD_PATH_LIB)
HEADERS = {"cache-control": "max-age=3600"}


class Change(NamedTuple):
    """What is replaced by what in the one file of a name with a hash in it."""

    file: str
    old: str
    new: str


CHANGES = (
    # To find the events of a control, its id, which is a proxy's, is read once for each target of each event.
    Change(
        "core-*.js",
        "find_attached_events(e,t){let n=t.filter(t=>t.targets.find(([t])=>t===e.id)).map(t=>"
        "{let n=t.targets.find(([t])=>t===e.id);",
        "find_attached_events(e,t){let i=e.id,n=t.filter(t=>t.targets.find(([t])=>t===i)).map(t=>"
        "{let n=t.targets.find(([t])=>t===i);",
    ),
)


@cache
def changed_scripts() -> dict[str, str]:
    """Return the scripts that are changed, by their names."""
    scripts = {}
    for file, old, new in CHANGES:
        for path in FOLDER.glob(file):
            script = path.read_text(encoding="utf-8")
            if script.count(old) == 1:
                scripts[path.name] = script.replace(old, new)
    return scripts


class QuickScripts:
    """ASGI middleware that serves them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a changed script, or let a request through."""
        name = scope["path"].partition("/assets/")[2] if scope["type"] == "http" else ""
        script = changed_scripts().get(name)
        response = Response(script, headers=HEADERS, media_type="text/javascript") if script else self._app
        await response(scope, receive, send)
