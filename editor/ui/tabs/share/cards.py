"""What the cards of the Share tab have in common, and those that stand for a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import gradio as gr

from editor.ui import messages
from editor.ui.components.html import address, from_template, script
from editor.ui.components.waiting import wait_begins, wait_ends
from editor.ui.handlers import bound, mistake
from editor.workspace import Services, ShareFacts

CUBE_BYTES = 133_000
RUNTIME_BYTES = 5_000_000  # of the runtime in a web page


class Place(NamedTuple):
    """What every card of the tab connects to.

    Attributes:
        services: The one object to ask.
        run: The id of the run that the page shows.
        file: Where a handler puts a finished file, see `file_of`; the browser then saves it.
    """

    services: Services
    run: gr.State
    file: gr.HTML


class Card(Protocol):
    """One thing that can be made of a run."""

    def build(self, place: Place) -> gr.HTML:
        """Lay out the card, connect it, and return where its words are kept up to date."""

    def render(self, services: Services, facts: ShareFacts) -> str:
        """Return its words for a run that has learned something."""


class FileCard(NamedTuple):
    """A card for one ending of `sharing.formats.EXPORTS`. Its words are in `messages.share.FILES`.

    Attributes:
        suffix: The ending.
        size: About how many bytes the file will have.
        is_possible: Whether a run can become that.
    """

    suffix: str
    size: Callable[[ShareFacts], int]
    is_possible: Callable[[ShareFacts], bool] = lambda facts: True

    def build(self, place: Place) -> gr.HTML:
        """Lay out the card and connect its button."""

        def make(services: Services, run: str | None) -> dict[str, str]:
            """Make the file and hand it to the browser."""
            return file_of(services.sharing.make(chosen(run), self.suffix))

        about = words_of(self.suffix[1:])
        downloads(place, about, self.suffix, make, [])
        return about

    def render(self, services: Services, facts: ShareFacts) -> str:
        """Return what the card says of a run."""
        return card_words(self.suffix, facts, self.size(facts), is_possible=self.is_possible(facts))


def card_words(suffix: str, facts: ShareFacts, size: int, *, is_possible: bool = True) -> str:
    """Return what the card of a file says of a run: its size in bytes, or why there can be none."""
    words = messages.share.FILES[suffix]
    held = messages.share.CUBE_HOLDS_COLORS if facts.has_gains else messages.share.CUBE_HOLDS
    held = held.format(explained=facts.explained or 0) + (messages.share.CUBE_HAS_NO_GRAIN if facts.has_grain else "")
    text = words.text.format(held=held)
    return about_card(words._replace(text=text), size, obstacle="" if is_possible else words.impossible)


def about_card(words: messages.share.CardWords, size: int, *, obstacle: str = "") -> str:
    """Return what a card says: its words and a size in bytes or, where it cannot be used, why not."""
    return from_template("share_card", words=words, size=messages.common.readable_bytes(size), obstacle=obstacle)


def words_of(key: str) -> gr.HTML:
    """Return the place for what a card says; its event "act" is its button."""
    return gr.HTML(js_on_load=script("actions", words={}), elem_id=f"share-{key}", elem_classes="pb-share-card")


def downloads(place: Place, about: gr.HTML, suffix: str, make: Callable[..., Any], inputs: list[Any]) -> None:
    """Connect the button of a card to a file that the browser saves; `make` returns it, see `connect` and `file_of`."""
    waits = messages.share.MAKING.format(title=messages.share.FILES[suffix].title)
    connect(place, about, suffix, waits, make, inputs, place.file)


def connect(
    place: Place, about: gr.HTML, key: str, waits: str, make: Callable[..., Any], inputs: list[Any], output: gr.HTML
) -> Any:
    """Connect the button of a card, and return its event.

    Args:
        place: What the card connects to.
        about: Where the button is.
        key: Which card it is.
        waits: What the page says meanwhile.
        make: Takes the services, the run and the values of `inputs`, and returns that of `output`.
        inputs: More controls of the card.
        output: Where the result goes.
    """
    wait = f"share-{key}"
    given = [place.run, *inputs]
    made = about.act(
        bound(make, place.services),
        given,
        output,
        show_progress="hidden",
        concurrency_id="share",  # one at a time: others edit meanwhile
        concurrency_limit=1,
        trigger_mode="once",
        api_visibility="private",
        js=wait_begins(wait, waits, len(given)),
    )
    wait_ends(wait, made)
    return made


def chosen(run: str | None) -> str:
    """Return the run that the page shows.

    Raises:
        gr.Error: It shows none.
    """
    if not run:
        raise mistake(messages.common.CHOOSE_RUN)
    return run


def file_of(path: Path) -> dict[str, str]:
    """Return a finished file of the cache for `Place.file`."""
    return {"url": address(path), "name": path.name}


@cache
def can_write_graphs() -> bool:
    """Whether the packages are there that write an effect as ONNX, of which a web page is made, too."""
    return all(map(find_spec, ("onnx", "onnxscript")))


FILES = (
    FileCard(
        ".html",
        size=lambda facts: RUNTIME_BYTES + facts.weight_bytes * 4 // 3,
        is_possible=lambda facts: can_write_graphs(),
    ),
    FileCard(
        ".cube", size=lambda facts: CUBE_BYTES, is_possible=lambda facts: bool(facts.explained) and not facts.has_levels
    ),
    FileCard(".zip", size=lambda facts: facts.weight_bytes, is_possible=lambda facts: can_write_graphs()),
)
