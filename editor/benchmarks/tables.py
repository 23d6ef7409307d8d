"""Results as Markdown tables: an overview, time to quality, means over tasks, and each task."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from editor.benchmarks.columns import LEGEND, figures_table, markdown, names, number
from editor.benchmarks.methods import METHODS
from editor.benchmarks.results import Result, find
from editor.benchmarks.scoring import mean_or_none

GOALS = ("pix2pix-star", "pix2pix")  # the first of them with results sets the goal of "time to quality"


class Setting(NamedTuple):
    """Size, number of shots and length of training, which all rows of one table share."""

    size: int  # pixels
    shots: int
    minutes: float
    steps: int

    def title(self) -> str:
        """Return a heading."""
        return f"{self.shots} shots, {self.length()}"

    def length(self) -> str:
        """Return the length of training as text."""
        return f"{self.steps} steps" if self.steps else f"{self.minutes:g} min"


def tables(results: Sequence[Result]) -> str:
    """Return the text of `tables.md`. Means are over seeds first, then over the tasks that have a result."""
    if not results:
        return "# Benchmark\n\nNothing has been measured yet.\n"
    parts = ["# Benchmark", LEGEND, *_about(results)]
    for size in sorted({result.cell.size for result in results}):
        here = find(results, size=size)
        parts += [f"## {size} px", "### PSNR in dB", _overview(here), *_time_to_quality(here)]
        if not settings_of(here):
            parts += ["### Means over tasks", figures_table([find(here, method=each) for each in methods_of(here)])]
        for setting in settings_of(here):
            parts += [f"### {setting.title()}: means over tasks", figures_table(_rows_of(here, setting))]
            for task in names(here, "task"):
                rows = _rows_of(find(here, task=task), setting)
                parts += [f"### {setting.title()}: {task}", figures_table(rows)] if rows else []
    return "\n\n".join(parts) + "\n"


def settings_of(results: Sequence[Result]) -> list[Setting]:
    """Return all combinations of size, shots and length of training in the results, sorted."""
    cells = [result.cell for result in results]
    return sorted({Setting(c.size, c.shots, c.minutes, c.steps) for c in cells if c.is_trained})


def methods_of(results: Sequence[Result]) -> list[str]:
    """Return the methods that have results, in the order of `METHODS`."""
    there = {result.cell.method for result in results}
    return [method for method in METHODS if method in there] + sorted(there - set(METHODS))


def of_setting(results: Sequence[Result], setting: Setting) -> list[Result]:
    """Return the results of one setting, and those of the baselines without training on the same tasks."""
    trained = find(results, **setting._asdict())
    tasks = names(trained, "task")
    untrained = [r for r in find(results, size=setting.size) if not r.cell.is_trained]
    return trained + [result for result in untrained if result.cell.task in tasks]


def _about(results: Sequence[Result]) -> list[str]:
    machines = sorted({result.machine for result in results})
    lines = [f"- Machine: {machine}" for machine in machines]
    short = {
        f"- {r.cell.task} has only {r.pairs} training pairs, so its {r.cell.shots}-shot models saw {r.pairs}."
        for r in results
        if r.pairs < r.cell.shots
    }
    return ["\n".join([*lines, *sorted(short)])]


def _overview(results: Sequence[Result]) -> str:
    """Return the table of PSNR: a row for each setting and method, a column for each task."""
    tasks = names(results, "task")
    rows = [
        [method, "–", "–", *_psnr_cells(find(results, method=method), tasks)]
        for method in methods_of([result for result in results if not result.cell.is_trained])
    ]
    for setting in settings_of(results):
        here = find(results, **setting._asdict())
        rows += [
            [method, str(setting.shots), setting.length(), *_psnr_cells(find(here, method=method), tasks)]
            for method in methods_of(here)
        ]
    return markdown(["method", "shots", "trained", *tasks, "mean"], rows)


def _psnr_cells(results: Sequence[Result], tasks: Sequence[str]) -> list[str]:
    means = [mean_or_none([r.figures.psnr for r in find(results, task=task)]) for task in tasks]
    cells = [
        number(mean, 2) + _plus_minus([r.figures.psnr for r in find(results, task=task)])
        for mean, task in zip(means, tasks)
    ]
    return [*cells, number(mean_or_none(means), 2)]


def _time_to_quality(results: Sequence[Result]) -> list[str]:
    """Return, for each number of shots, after how long each method reaches the final PSNR of pix2pix."""
    parts = []
    for shots in sorted({setting.shots for setting in settings_of(results)}):
        here = find(results, shots=shots, steps=0)
        rival = next((method for method in GOALS if find(here, method=method)), None)
        if rival is None:
            continue
        longest = max(result.cell.minutes for result in find(here, method=rival))
        tasks, methods = names(here, "task"), methods_of(here)
        times: dict[str, list[float | None]] = {method: [] for method in methods}
        rows = []
        for task in tasks:
            goal = mean_or_none([r.figures.psnr for r in find(here, task=task, method=rival, minutes=longest)])
            if goal is None:
                continue
            for method in methods:
                times[method].append(_seconds_to(find(here, task=task, method=method), goal))
            rows.append([task, number(goal, 2), *(_seconds(times[method][-1]) for method in methods)])
        medians = [_seconds(_median(times[method])) for method in methods]
        parts += [
            f"### {shots} shots: seconds of training until a method has what {rival} has after {longest:g} min",
            "The first scored moment of any of its trainings, for learning rates are fitted to the time.",
            markdown(["task", "goal in dB", *methods], [*rows, ["median", "", *medians]]),
        ]
    return parts


def _seconds_to(results: Sequence[Result], goal: float) -> float | None:
    """Return the median over seeds of the earliest time at which any training reached `goal`; infinite if none did."""
    soonest = []
    for seed in sorted({result.cell.seed for result in results}):
        times = [result.seconds_to(goal) for result in find(results, seed=seed)]
        soonest.append(min((seconds for seconds in times if seconds is not None), default=math.inf))
    return _median(soonest)


def _median(values: Sequence[float | None]) -> float | None:
    """Return the median; None if there are no values, or one of them is None."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known and len(known) == len(values) else None


def _rows_of(results: Sequence[Result], setting: Setting) -> list[list[Result]]:
    """Return the results of each method; an empty list if nothing was trained in this setting."""
    if not find(results, **setting._asdict()):
        return []
    here = of_setting(results, setting)
    return [find(here, method=method) for method in methods_of(here)]


def _plus_minus(values: Sequence[float | None]) -> str:
    """Return the standard deviation over seeds as text; empty for a single seed."""
    known = [value for value in values if value is not None]
    return f" ± {statistics.stdev(known):.2f}" if len(known) > 1 else ""


def _seconds(value: float | None) -> str:
    return "never" if value is not None and math.isinf(value) else number(value, 1)
