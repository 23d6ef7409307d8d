"""HTML from Jinja templates, in which every text is escaped, and the small pieces that many templates share.

All HTML of the pages is in `editor/ui/templates`, one file a component: files of their own, for an editor of HTML knows
them and their layout can follow that of the page. A template escapes what it is given, such as names of files and
sentences of errors, unless it is `Markup`: text that is HTML already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from editor.ui import messages
from editor.ui.theme import ASSETS

TEMPLATES = Path(__file__).parents[1] / "templates"
LINE_BREAK = re.compile(r"(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])")


class Indented(Extension):
    """Takes line breaks and indentation next to a tag out of templates: between inline elements, they would show."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source of a template without them."""
        return LINE_BREAK.sub("", source)


def from_template(template: str, /, **values: object) -> Markup:
    """Return a template, filled in.

    Args:
        template: Name of a file in `TEMPLATES`, without its ending.
        values: What it names; leaving one out is an error (`jinja2.UndefinedError`).
    """
    return Markup(ENVIRONMENT.get_template(f"{template}.html").render(values))


def address(path: Path) -> str:
    """Return where a browser finds a file of the cache, or what it puts before the name of one in this folder."""
    # Relative, so that it also works behind a proxy that adds a prefix.
    return f"gradio_api/file={quote(path.as_posix())}"


def script(*names: str, **constants: object) -> str:
    """Return the JavaScript of a component: `constants`, then files of `assets/`, one after another.

    Constants are part of the script and no props: those are lost where a component that is not on the page yet, such as
    in a closed accordion, is updated.
    """
    given = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return "\n".join([*given, *((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in names)])


def answered(selector: str) -> str:
    """Return the JavaScript that tells a script of ours, by "pb-answered", that the server has answered its event."""
    return f"() => {{ document.querySelector('{selector}').dispatchEvent(new Event('pb-answered')); }}"


def go_to(tab: str) -> str:
    """Return the JavaScript of an event that opens a tab."""
    return f'() => document.querySelector(\'#steps [role="tab"][data-tab-id="{tab}"]\')?.click()'


@lru_cache(maxsize=4096)
def picture(path: Path, alt: str, *, is_lazy: bool = False) -> Markup:
    """Return an image tag for a file in the cache, which Gradio serves.

    Args:
        path: The file.
        alt: What the picture shows.
        is_lazy: Load it only when it comes into view; for pages with many.
    """
    return from_template("picture", src=address(path), alt=alt, is_lazy=is_lazy)


def placeholder(text: str) -> Markup:
    """Return the quiet box that stands where something will appear."""
    return from_template("placeholder", text=text)


def note(sentences: Iterable[str], *, kind: str = "info", title: str = "") -> Markup:
    """Return a box with a title and one line per sentence, or nothing where there is nothing to say.

    Args:
        sentences: What to say.
        kind: "info", "good" or "bad".
        title: First line.
    """
    sentences = list(sentences)
    return from_template("note", sentences=sentences, kind=kind, title=title) if sentences or title else Markup()


def button(
    words: str,
    action: str,
    *,
    to: object = "",
    label: str = "",
    elem_id: str = "",
    is_main: bool = False,
    is_small: bool = False,
    is_off: bool = False,
    confirm: str = "",
    help: str = "",
) -> Markup:
    """Return a button that `assets/actions.js` turns into an event.

    Args:
        words: What it says.
        action: What it does; sent with the event.
        to: Sent along.
        label: What it says to a screen reader, if that is more.
        elem_id: Its id in the page.
        is_main: Whether it is what a person most likely wants.
        is_small: Whether it stands in a line of text.
        is_off: Whether it cannot be pressed now.
        confirm: What it says before it does something that cannot be undone: then it wants a second click.
        help: More about it, for a pointer that rests on it.
    """
    kind = " ".join(name for name, is_set in (("pb-main", is_main), ("pb-small", is_small)) if is_set)
    return from_template(
        "button",
        words=words,
        action=action,
        to=to,
        label=label,
        elem_id=elem_id,
        kind=kind,
        is_off=is_off,
        confirm=confirm,
        help=help,
    )


def facts(sentences: Iterable[str]) -> Markup:
    """Return what was measured, one paragraph per sentence."""
    return from_template("facts", sentences=sentences)


# Templates may call the functions above. Without `auto_reload`: files of the project do not change while it runs.
ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    extensions=[Indented],
    auto_reload=False,
)
ENVIRONMENT.globals |= {"messages": messages, "button": button, "note": note, "placeholder": placeholder}
