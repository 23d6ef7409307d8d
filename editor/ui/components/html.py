"""Small safe pieces of HTML."""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote


def picture(path: Path, alt: str, *, is_lazy: bool = False) -> str:
    """Return an image tag for a file in the cache, which Gradio serves.

    Args:
        path: The file.
        alt: What the picture shows.
        is_lazy: Load it only when it comes into view; for pages with many.
    """
    loading = ' loading="lazy"' if is_lazy else ""
    return f'<img src="{escape(file_url(path))}" alt="{escape(alt)}"{loading} decoding="async">'


def file_url(path: Path) -> str:
    """Return where the page finds a file in the cache: relative, so that a proxy may add a prefix."""
    return f"gradio_api/file={quote(path.as_posix())}"


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
