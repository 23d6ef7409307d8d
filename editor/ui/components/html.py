"""Small safe pieces of HTML."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from urllib.parse import quote

from editor.ui.theme import ASSETS


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


def picture(path: Path, alt: str, *, is_lazy: bool = False) -> str:
    """Return an image tag for a file in the cache, which Gradio serves.

    Args:
        path: The file.
        alt: What the picture shows.
        is_lazy: Load it only when it comes into view; for pages with many.
    """
    loading = ' loading="lazy"' if is_lazy else ""
    return f'<img src="{escape(address(path))}" alt="{escape(alt)}"{loading} decoding="async">'


def placeholder(text: str) -> str:
    """Return the quiet box that stands where something will appear."""
    return f'<div class="pb-placeholder">{escape(text)}</div>'


def note(sentences: list[str], *, kind: str = "info", title: str = "") -> str:
    """Return a box with a title and one line per sentence, or nothing where there is nothing to say.

    Args:
        sentences: What to say; may hold names that came from a person.
        kind: "info", "good" or "bad".
        title: First line.
    """
    if not sentences and not title:
        return ""
    head = f"<p>{escape(title)}</p>" if title else ""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    body = f"<ul>{items}</ul>" if items else ""
    return f'<div class="pb-note pb-{escape(kind)}" role="status">{head}{body}</div>'


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
) -> str:
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
    """
    kind = " ".join(name for name, is_set in (("pb-main", is_main), ("pb-small", is_small)) if is_set)
    attributes = "".join(
        f' {name}="{escape(str(value))}"' for name, value in (("id", elem_id), ("aria-label", label)) if value
    )
    return (
        f'<button type="button" class="pb-button {kind}" data-action="{escape(action)}" data-to="{escape(str(to))}"'
        f"{attributes}{' disabled' if is_off else ''}>{escape(words)}</button>"
    )


def facts(sentences: list[str]) -> str:
    """Return what was measured, one paragraph per sentence."""
    return "".join(f'<p class="pb-fact">{escape(sentence)}</p>' for sentence in sentences)
