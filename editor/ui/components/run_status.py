"""One run in words: what it is doing, how far it is, and how good it is."""

from __future__ import annotations

from html import escape

from editor.training.trend import trend
from editor.ui import messages
from editor.ui.components.html import placeholder
from editor.workspace import RunSummary, Snapshot


def run_label(run: RunSummary) -> str:
    """Return one line for a list of runs, such as "22 Nov 18:30, draft 128 px, Party hat": what differs comes first."""
    created = run.created.astimezone()
    return f"{created.day} {created:%b %H:%M}, {run.preset} {run.image_size} px, {run.effect}"


def run_status(snapshot: Snapshot | None) -> str:
    """Return the headline of a run: state, progress bar and numbers."""
    if snapshot is None:
        return placeholder(messages.NO_RUN)
    history, run = snapshot.history, snapshot.run
    share = 1.0 if snapshot.state == "finished" else history.progress
    problem = messages.INTERRUPTED if snapshot.state == "interrupted" else history.message
    advice = messages.judgement(trend(history.previews)) if snapshot.is_live else ""  # to stop, while it can be
    notes = [problem, advice, _registration(snapshot)]
    return (
        f'<section class="pb-status" data-state="{snapshot.state}" data-step="{history.step}">'
        f'<header><span class="pb-pill">{escape(messages.STATES[snapshot.state])}</span>'
        f"<strong>{escape(run.effect)}</strong><span>{escape(run.preset)}, {run.image_size} px</span></header>"
        f'<div class="pb-bar" role="progressbar" aria-label="Training" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{share * 100:.0f}"><i style="width:{share * 100:.1f}%"></i></div>'
        f"<dl>{''.join(_fact(name, value) for name, value in _facts(snapshot))}</dl>"
        f"{''.join(f'<p class=pb-status-message>{escape(note)}</p>' for note in notes if note)}</section>"
    )


def _facts(snapshot: Snapshot) -> list[tuple[str, str]]:
    history = snapshot.history
    facts = [("Step", f"{history.step:,}"), ("Elapsed", messages.clock(history.seconds))]
    if snapshot.is_live:
        facts.insert(1, ("Speed", f"{history.steps_per_second:.1f} steps/s" if history.losses else "…"))
        facts.append(("Left", messages.clock(history.eta_seconds) if history.losses else "…"))
    if history.previews:
        last = history.previews[-1]
        name = "Held-out PSNR" if last.is_held_out else "PSNR on training pairs"
        facts.append((name, messages.better_than_nothing(last.psnr, snapshot.history.unedited_psnr)))
    if (chosen := history.chosen) and chosen != history.previews[-1]:
        facts.append(("Used for editing", messages.moment(chosen)))
    if history.device:
        facts.append(("Device", history.device))
    return facts


def _registration(snapshot: Snapshot) -> str:
    shift = snapshot.history.chance_shift
    return "" if shift is None else messages.CHANCE_SHIFT.format(pixels=shift * snapshot.run.image_size)


def _fact(name: str, value: str) -> str:
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
