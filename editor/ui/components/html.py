"""Small safe pieces of HTML."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote

from editor.ui.theme import ASSETS


def address(path: Path) -> str:
    """Return where a browser finds a file of the cache, or what it puts before the name of one in this folder."""
    # Relative, so that it also works behind a proxy that adds a prefix.
    return f"gradio_api/file={quote(path.as_posix())}"


def script(*names: str) -> str:
    """Return the JavaScript of a component: files of `assets/`, one after another."""
    return "\n".join((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in names)


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


def facts(sentences: list[str]) -> str:
    """Return what was measured, one paragraph per sentence."""
    return "".join(f'<p class="pb-fact">{escape(sentence)}</p>' for sentence in sentences)
