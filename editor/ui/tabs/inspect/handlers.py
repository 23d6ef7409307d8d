"""What the Inspect tab shows for what its controls say, and when it follows new weights of the run."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from editor.errors import UserError
from editor.pairs.folder import Pair
from editor.ui import messages, state
from editor.ui.components.figures import FIELDS
from editor.ui.components.html import facts, note, placeholder
from editor.ui.components.readout import readout
from editor.ui.handlers import mistake
from editor.ui.inputs import sent
from editor.workspace import ColorRange, InspectionFacts, Question, Services

CALM_SECONDS = 5.0  # new weights of a run in progress wait this long after whatever was shown last
SCALES = (0, 2, 4, 8, 16, 32)  # pixels that get the full color of the wheel; 0 fits it to F
COLOR_RANGES = (0, 5, 10, 25, 50, 100)  # percent of the range, where C's shift has its full colors; 0 fits it to C
MAX_STEPS = 8
FACTS = ("flow", "source", "answer", "target")  # sections that have numbers


class Asked(NamedTuple):
    """What the controls of the tab say."""

    run: str | None
    i: str | None = None
    j: str | None = None
    photo: str | None = None
    view: str = "wheel"
    scale: int = 0
    colors: int = 0
    noise: float = 1.0
    steps: int = 1


class Seen(NamedTuple):
    """What the page shows: pictures, or a sentence in their place."""

    asked: Asked
    version: int = 0  # of the weights
    at: float = -math.inf  # when it was shown, in seconds of the monotonic clock, which nobody can set back
    notice: str = ""  # the sentence, if there is one


def inspect(
    services: Services,
    run: str | None,
    i: str | None,
    j: str | None,
    photo: str | None,
    view: str,
    scale: int,
    colors: int,
    noise: float,
    steps: int,
    seen: Seen | None,
) -> tuple[Any, ...]:
    """Return what the page shows for what its controls say; nothing is computed where nothing has changed.

    Args:
        services: The one object to ask.
        run: The run to look into.
        i: Name of the reference pair, or None for the first.
        j: Name of the pair to predict, or None for the first that is held out.
        photo: A picture to use as x_j instead.
        view: How to draw F, a key of `messages.inspect.FLOW_VIEWS`.
        scale: Pixels that get the full color of the wheel, one of `SCALES`.
        colors: Where the maps of C have their full colors, one of `COLOR_RANGES`.
        noise: Noise level t as a share of the schedule.
        steps: Number of sampling steps.
        seen: What the page shows now.
    """
    return _inspect(services, _checked(Asked(run, i, j, photo, view, scale, colors, noise, steps)), seen)


def follow(services: Services, run: str | None, seen: Seen | None, page: state.Seen) -> tuple[Any, ...]:
    """Show another run, or newer weights of this one unless a control was used within `CALM_SECONDS`.

    Args:
        services: The one object to ask.
        run: The run that the page shows.
        seen: What the tab shows now.
        page: What the page was sent. Before it was sent anything, no run says nothing: it does not know its runs yet.
    """
    if run is None and not page.digests:
        return _unchanged()
    asked = seen.asked if seen else Asked(run)
    if asked.run != run:
        asked = asked._replace(run=run, i=None, j=None)
    elif seen and time.monotonic() - seen.at < CALM_SECONDS:
        return _unchanged()
    try:
        return _inspect(services, asked, seen)
    except UserError as error:  # in the page and not as a toast, since the timer would raise one every second
        return _nothing(str(error), asked, seen)


def pick(services: Services, event: gr.EventData) -> tuple[str, str, None]:
    """Return the pair of pairs that was chosen in the matrix."""
    i, j = sent(event._data, i=str, j=str)
    return i, j, None


def _checked(asked: Asked) -> Asked:
    """Return what the controls say, or refuse what no control of ours can say."""
    is_number = all(type(value) in (int, float) for value in (asked.scale, asked.colors, asked.noise, asked.steps))
    if not (
        is_number
        and asked.view in messages.inspect.FLOW_VIEWS
        and asked.scale in SCALES
        and asked.colors in COLOR_RANGES
        and 0 <= asked.noise <= 1
        and asked.steps in range(1, MAX_STEPS + 1)
    ):
        raise mistake(messages.errors.STALE_PAGE)
    return asked._replace(steps=int(asked.steps))


def _inspect(services: Services, asked: Asked, seen: Seen | None) -> tuple[Any, ...]:
    if not asked.run:
        return _nothing(messages.inspect.NO_RUN_TO_INSPECT, asked, seen)
    try:
        version = services.editing.version(asked.run)
        pairs = services.training.pairs(asked.run)
    except UserError as error:
        return _nothing(str(error), asked, seen)
    if not version:
        return _nothing(messages.common.NO_WEIGHTS, asked, seen)
    names = {pair.name for pair in pairs}
    first_i, first_j = _first_choice(pairs)
    asked = asked._replace(
        i=asked.i if asked.i in names else first_i,
        j=asked.j if asked.j in names else first_j,
    )
    if seen and (seen.asked, seen.version) == (asked, version):
        return _unchanged()
    question = Question(
        run=asked.run,
        i=asked.i,
        j=asked.j,
        photo=Path(asked.photo) if asked.photo else None,
        noise_level=float(asked.noise),
        num_steps=asked.steps,
    )
    color_range = ColorRange.fixed(asked.colors / 100) if asked.colors else None
    found = services.inspecting.inspect(
        question, view=asked.view, max_pixels=asked.scale or None, color_range=color_range
    )
    is_new_run = seen is None or seen.notice != "" or seen.asked.run != asked.run
    choices = [(_called(pair), pair.name) for pair in pairs]
    pickers = [gr.update(choices=choices, value=name) if is_new_run else gr.skip() for name in (asked.i, asked.j)]
    return (
        Seen(asked, version, time.monotonic()),
        *pickers,
        note([messages.inspect.STAND_INS]) if services.training.has_stand_ins(asked.run) else "",
        readout(found),
        *(facts(sentences) for sentences in _facts(found.facts, asked.view)),
        *(_picture(found.pictures.get(field)) for field in FIELDS),
    )


def _called(pair: Pair) -> str:
    return messages.inspect.HELD_OUT_PAIR.format(name=pair.name) if pair.is_held_out else pair.name


def _facts(found: InspectionFacts, view: str) -> list[list[str]]:
    return [
        messages.inspect.flow_facts(found, view),
        messages.inspect.source_facts(found),
        messages.inspect.answer_facts(found),
        messages.inspect.target_facts(found),
    ]


def _picture(place: Path | None) -> Any:
    return gr.update(value=place, visible=place is not None)


def _unchanged() -> tuple[Any, ...]:
    return tuple(gr.skip() for _ in range(5 + len(FACTS) + len(FIELDS)))


def _nothing(sentence: str, asked: Asked, seen: Seen | None) -> tuple[Any, ...]:
    """Take away what the page shows and say why, and remember what was asked until there is an answer."""
    now = Seen(asked, notice=sentence)
    if now == seen:
        return _unchanged()
    return (
        now,
        gr.skip(),
        gr.skip(),
        placeholder(sentence),
        readout(),
        *("" for _ in FACTS),
        *(gr.update(value=None) for _ in FIELDS),
    )


def _first_choice(pairs: Sequence[Pair]) -> tuple[str, str]:
    training = [pair.name for pair in pairs if not pair.is_held_out]
    held_out = [pair.name for pair in pairs if pair.is_held_out]
    return training[0], (held_out or training[1:] or training)[0]
