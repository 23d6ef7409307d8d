"""A script that runs before those of Gradio, which adds the `head` of an app only after they have begun."""

from __future__ import annotations

from functools import cache

from gradio.routes import templates
from jinja2 import ChoiceLoader, DictLoader

from editor.ui.theme import ASSETS

PAGES = ("frontend/index.html", "frontend/share.html")


@cache
def run_first(name: str) -> None:
    """Let every page that this process serves begin with `assets/NAME.js`; a second call changes nothing."""
    environment = templates.env
    script = f"<head><script>{(ASSETS / f'{name}.js').read_text(encoding='utf-8')}</script>"
    sources = {page: environment.loader.get_source(environment, page)[0] for page in PAGES}
    changed = DictLoader({page: source.replace("<head>", script, 1) for page, source in sources.items()})
    environment.loader = ChoiceLoader([changed, environment.loader])
