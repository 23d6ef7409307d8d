"""What a training will take, in words."""

from __future__ import annotations

from markupsafe import Markup

from editor.config import Budget
from editor.training.forecast import Forecast
from editor.ui import messages
from editor.ui.components.html import note
from editor.ui.components.mode import by_mode


def forecast_note(found: Forecast, budget: Budget, *, smaller_preset: str | None) -> Markup:
    """Say how far a budget goes, and whether memory will do.

    Args:
        found: What was measured.
        budget: The time that is asked for.
        smaller_preset: The quality to fall back on where not even one picture fits; None where there is none.
    """
    if found.fitting_batch_size < found.batch_size:
        return note([_memory_problem(found, smaller_preset)], kind="bad", title=messages.train.FORECAST_NO_ROOM)
    steps = found.steps(budget)
    memory = (
        ""
        if found.peak_memory_mib is None
        else messages.train.FORECAST_MEMORY.format(memory=_memory(found.peak_memory_mib))
    )
    useful = messages.train.about_seconds(found.useful_seconds)
    numbers = by_mode(
        simple=messages.train.FORECAST_PLAIN.format(useful=useful),
        expert=messages.train.FORECAST.format(
            seconds=messages.train.about_seconds(found.seconds_per_step), memory=memory, useful=useful
        ),
    )
    time = messages.common.duration(budget.minutes)
    title = by_mode(
        simple=messages.train.FORECAST_TITLE_PLAIN.format(time=time),
        expert=messages.train.FORECAST_TITLE.format(
            steps=messages.common.count(messages.common.rounded(steps), "step"), time=time
        ),
    )
    verdict = next(sentence for most, sentence in messages.train.FORECAST_VERDICTS if steps < most)
    if verdict is messages.train.FORECAST_SHORT and smaller_preset:
        verdict = f"{verdict} {messages.train.FORECAST_QUICKER}"
    busy = [messages.train.FORECAST_BUSY] if found.is_busy else []
    return note([numbers, *busy, verdict], kind="good", title=title)


def _memory_problem(found: Forecast, smaller_preset: str | None) -> str:
    problem = ""
    if found.peak_memory_mib is not None and found.room_mib is not None:
        problem = messages.train.FORECAST_ROOM.format(
            memory=_memory(found.peak_memory_mib), room=_memory(found.room_mib)
        )
    if found.fitting_batch_size:
        return messages.train.FORECAST_BATCH.format(
            problem=problem, batch=found.fitting_batch_size, wanted=found.batch_size
        ).strip()
    if smaller_preset:
        return messages.train.FORECAST_NOTHING_FITS.format(problem=problem, preset=smaller_preset).strip()
    return messages.train.FORECAST_CLOSE.format(problem=problem).strip()


def _memory(mib: float) -> str:
    return messages.common.readable_bytes(mib * 2**20)
