"""One run in words: what it is doing, how far it is, and how good it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

import gradio as gr
from markupsafe import Markup

from editor.training.history import History
from editor.training.trend import trend
from editor.ui import messages
from editor.ui.components.html import from_template, placeholder, script
from editor.ui.components.mode import by_mode
from editor.workspace import RunStatus, RunSummary


class Fact(NamedTuple):
    """One fact about a run, for all or for those who chose one of the modes."""

    name: str
    value: str
    mode: Literal["", "simple", "expert"] = ""


@lru_cache(maxsize=1024)
def run_label(run: RunSummary) -> str:
    """Return one line for a list of runs, such as "Party hat 2, draft 128 px, 22 Nov 18:30"."""
    created = run.created.astimezone()
    learned = messages.common.learned_from(run.preset, run.image_size, run.fit)
    return f"{run.name}, {learned}, {created.day} {created:%b %H:%M}"


def run_card() -> gr.HTML:
    """Return the place for `run_status`. Its event is "act"."""
    return gr.HTML(
        js_on_load=script("keep_focus", "actions", words=messages.pairs.LIST_WORDS),
        elem_id="train-status",
        render=False,
    )


def run_status(snapshot: RunStatus | None, size: int | None = None) -> Markup:
    """Return the card of a run: its names, state, progress bar and numbers, and what can be done with it.

    Args:
        snapshot: The run.
        size: Bytes that it takes, if that is known.
    """
    if snapshot is None:
        return placeholder(messages.train.NO_RUN)
    history, run = snapshot.history, snapshot.run
    share = 1.0 if snapshot.state == "finished" else history.progress
    effect = "" if run.name == run.effect else f"{run.effect}, "
    about = f"{effect}{messages.common.learned_from(run.preset, run.image_size, run.fit)}"
    return from_template(
        "run_status",
        run=run,
        is_live=snapshot.is_live,
        state=snapshot.state,
        step=history.step,
        about=about,
        percent=100 * share,
        facts=_facts(snapshot) + _space(size),
        can_slim=snapshot.has_weights and snapshot.saved_at is not None and not snapshot.is_live,
        notes=filter(None, _notes(snapshot)),
    )


def other_run(active: RunStatus | None, *, is_other_effect: bool) -> Markup:
    """Return the note about the run that is being trained while the page shows another; nothing where there is none."""
    if active is None:
        return Markup()
    history = active.history
    if early := {"waiting": messages.train.OTHER_STARTS, "queued": messages.train.OTHER_QUEUED}.get(active.state):
        sentence = early.format(name=active.run.name)
    else:
        sentence = (messages.train.OTHER_PAUSED if active.state == "paused" else messages.train.OTHER_ACTIVE).format(
            name=active.run.name, share=history.progress, left=messages.common.clock(history.eta_seconds)
        )
    effect = active.run.effect if is_other_effect and active.run.effect != active.run.name else ""
    about = messages.train.OTHER_EFFECT.format(name=effect) if effect else ""
    return from_template("other_run", sentence=f"{sentence} {about}".strip())


def _notes(snapshot: RunStatus) -> list[str]:
    """Return sentences: what it does, what goes wrong, what to do, and what is special about the pairs."""
    history, state = snapshot.history, snapshot.state
    problem = messages.train.INTERRUPTED if state == "interrupted" else history.message
    asked = " ".join(messages.train.ASKED[request] for request in sorted(snapshot.asked))
    judged = trend([point for point in history.previews if not point.is_base])
    advice = messages.train.judgement(judged) if snapshot.is_live else ""  # to stop, while it can be
    shift = history.chance_shift
    registered = ""
    if shift is not None:
        exactly = messages.train.CHANCE_SHIFT.format(pixels=shift * snapshot.run.image_size)
        registered = by_mode(simple=messages.train.CHANCE_SHIFT_PLAIN, expert=exactly)
    mapped = messages.train.COLOR_MAP.format(share=history.color_map) if history.color_map else ""
    filtered = messages.train.DETAIL if history.has_detail else ""
    grain = messages.train.GRAIN.format(typical=history.grain) if history.grain else ""
    asked = asked if snapshot.is_live else ""
    return [messages.train.STATE_HELP.get(state, ""), asked, problem, advice, mapped, filtered, grain, registered]


def _facts(snapshot: RunStatus) -> list[Fact]:
    names, history = messages.train.RUN_FACTS, snapshot.history
    is_moving = snapshot.is_live and history.eta_seconds > 0  # not before the first step, also when it goes on
    steps = f"{history.step:,}"
    if is_moving:
        expected = history.step + history.eta_seconds * history.steps_per_second
        steps = messages.train.step_of(history.step, expected)
    facts = [
        Fact(names["step"], steps, "expert"),
        Fact(names["elapsed"], messages.common.clock(history.seconds)),
    ]
    if snapshot.is_live:
        facts.append(Fact(names["left"], messages.common.clock(history.eta_seconds) if is_moving else "…"))
        speed = messages.train.speed(history.steps_per_second) if is_moving else "…"
        facts.append(Fact(names["speed"], speed, "expert"))
    if history.previews:
        facts += _scores(history)
    if history.saved_step is not None and snapshot.saved_at is not None:
        facts.append(Fact(names["saved"], messages.train.saved(history.saved_step, snapshot.saved_at), "expert"))
        facts.append(Fact(names["saved"], f"{snapshot.saved_at:%H:%M}", "simple"))
    if history.device:
        facts.append(Fact(names["device"], history.device, "expert"))
    return facts


def _space(size: int | None) -> list[Fact]:
    return [] if size is None else [Fact(messages.train.RUN_FACTS["size"], messages.common.readable_bytes(size))]


def _scores(history: History) -> list[Fact]:
    names, last = messages.train.RUN_FACTS, history.previews[-1]
    used = history.chosen or last
    facts = []
    if close := messages.common.closeness(used.psnr, history.unedited_psnr):
        facts.append(Fact(names["close" if used.is_held_out else "close_training"], close, "simple"))
    score = names["held_out" if last.is_held_out else "training_pairs"]
    psnr = messages.common.better_than_nothing(last.psnr, history.unedited_psnr)
    facts.append(Fact(score.format(score=messages.common.PSNR), psnr, "expert"))
    facts.append(Fact(score.format(score=messages.common.SSIM), f"{last.ssim:.3f}", "expert"))
    if used != last:
        facts.append(Fact(names["used"], messages.train.moment(used), "expert"))
    return facts
