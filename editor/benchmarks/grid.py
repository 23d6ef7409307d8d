"""Running a benchmark: every method on every task, one after the other; results on disk are not computed again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import torch
from tqdm import tqdm

from editor.benchmarks.curves import draw_curves
from editor.benchmarks.foreign_edits import score_edits, split_methods
from editor.benchmarks.methods import METHODS, RIVALS, UNTRAINED, VARIANTS, configure
from editor.benchmarks.prompted import FORM, PROMPTED, Prompts, read_prompts, require_libraries, require_same
from editor.benchmarks.results import Cell, Result, ResultsFile
from editor.benchmarks.sheets import draw_sheets
from editor.benchmarks.tables import tables
from editor.benchmarks.tasks import Task
from editor.benchmarks.trial import Trial, run_trial
from editor.data.dataset import PairDataset
from editor.errors import UserError
from editor.files import replace_file
from editor.image_files import save_png
from editor.images import to_image
from editor.metrics.judges import NO_JUDGES, Judges

SECONDS_PER_STEP = 0.5  # for the progress bar


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What to compare: every combination of task, method, number of shots, training time and seed.

    Attributes:
        tasks: With different names.
        methods: Some of `METHODS`, and the names of `edits`.
        shots: Numbers of training pairs, the first of a task by name.
        minutes: Training times. Each is a training of its own, because the learning rate's schedule depends on it.
        steps: Numbers of training steps, beside or instead of times.
        edits: Folders with the edits of others by the name of their row, see `foreign_edits`.
        prompts: What those of `PROMPTED` shall do, see `prompted`.
        size: Side of the pictures in pixels.
        seeds: Number of seeds: 0, 1, ...
    """

    tasks: tuple[Task, ...]
    methods: tuple[str, ...]
    shots: tuple[int, ...]
    minutes: tuple[float, ...]
    size: int
    seeds: int
    steps: tuple[int, ...] = ()
    edits: Mapping[str, Path] = field(default_factory=dict)
    prompts: Prompts = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := [method for method in self.methods if method not in METHODS and method not in self.edits]:
            raise UserError(f"There is no method {unknown[0]!r}. Choose from {', '.join(METHODS)}.")
        if not self.methods or not self.tasks or not self.shots or not (self.minutes or self.steps):
            raise UserError("A benchmark needs at least one task, one method, one number of shots and one time.")
        if min(*self.shots, *self.steps, self.seeds) < 1 or not all(0 < minutes < math.inf for minutes in self.minutes):
            raise UserError("Shots, minutes, steps and seeds must all be greater than zero.")
        names = [task.name for task in self.tasks]
        if len(set(names)) < len(names):
            raise UserError("Two of the tasks have the same name, so their results could not be told apart.")
        for method in self.methods:
            if method in VARIANTS:
                configure(method, self.size, seed=0)
            elif method in RIVALS:
                RIVALS[method](self.size)
            elif method in PROMPTED and (lacking := [name for name in names if (method, name) not in self.prompts]):
                raise UserError(f"{method} has no prompt for the task {lacking[0]}. Give --prompts FILE, {FORM}.")

    @classmethod
    def parse(
        cls,
        *,
        tasks: Sequence[Task],
        methods: str,
        shots: str,
        minutes: str,
        steps: str,
        size: int,
        seeds: int,
        prompts: Path | None = None,
    ) -> Grid:
        """Build a grid from command line options, in which lists are separated by commas.

        Raises:
            UserError: Something is not a number, unknown, or not there.
            OSError: The file of prompts cannot be read.
        """
        names, edits = split_methods(_words(methods))
        return cls(
            tasks=tuple(tasks),
            methods=tuple(dict.fromkeys(names)),
            edits=edits,
            prompts=read_prompts(prompts) if prompts else {},
            shots=tuple(dict.fromkeys(_numbers(shots, int, "--shots"))),
            minutes=tuple(dict.fromkeys(_numbers(minutes, float, "--minutes"))),
            steps=tuple(dict.fromkeys(_numbers(steps, int, "--steps"))),
            size=size,
            seeds=seeds,
        )

    def cells(self) -> list[Cell]:
        """Return one cell for each model, task by task. A method without training has one cell for each task."""
        lengths = [(minutes, 0) for minutes in self.minutes] + [(0.0, steps) for steps in self.steps]
        cells = []
        for task in self.tasks:
            for method in self.methods:
                once = method in UNTRAINED or method in PROMPTED or method in self.edits
                shots, trained, seeds = ((0,), [(0.0, 0)], (0,)) if once else (self.shots, lengths, range(self.seeds))
                cells += [
                    Cell(task=task.name, method=method, shots=n, minutes=m, size=self.size, seed=seed, steps=s)
                    for n, (m, s), seed in product(shots, trained, seeds)
                ]
        return cells


def run_grid(
    grid: Grid,
    output: Path,
    *,
    device: torch.device,
    judges: Judges = NO_JUDGES,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Train and score the models that have no result yet, with a progress bar, and write results, tables and pictures.

    A model whose loss becomes NaN or infinite is reported, left out, and trained again next time.

    Args:
        grid: What to compare.
        output: Folder for `results.jsonl`, `tables.md`, `curves/`, `sheets/` and `edits/`.
        device: Where to compute.
        judges: Measure what needs pretrained networks.
        should_stop: Called between steps, and between the edits of what is not trained. If true, the model in training
            is dropped and all others are kept.

    Returns:
        Whether every model of the grid has a result.

    Raises:
        UserError: The results that are there cannot be read, or were made with another prompt; or a library is missing.
        OSError: The folder cannot be written.
    """
    file = ResultsFile(output / "results.jsonl")
    done = {result.cell: result for result in file.read()}
    cells = grid.cells()
    missing = [cell for cell in cells if cell not in done]
    _require_prompted(grid, missing, [done[cell] for cell in cells if cell in done], file)
    tasks = {task.name: task for task in grid.tasks}
    bar_format = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
    with tqdm(total=sum(map(_expected_seconds, missing)), bar_format=bar_format, smoothing=0.02) as bar:
        if len(missing) < len(cells):
            bar.write(f"{len(cells) - len(missing)} of {len(cells)} models are there already.")
        test: PairDataset | None = None
        for number, cell in enumerate(missing, start=1):
            if test is None or cell.task != missing[number - 2].task:
                test = tasks[cell.task].test(cell.size)
            bar.set_description_str(f"{number}/{len(missing)} {cell.task} {cell.method}")

            def show(share: float, quality: float, bar: tqdm = bar, whole: float = _expected_seconds(cell)) -> None:
                bar.set_postfix_str("" if math.isnan(quality) else f"{quality:.2f} dB", refresh=False)
                bar.update(share * whole)

            try:
                if cell.method in grid.edits:
                    trial = score_edits(cell, grid.edits[cell.method], test=test, judges=judges)
                else:
                    trial = run_trial(
                        cell,
                        training=tasks[cell.task].training(cell.shots, cell.size),
                        device=device,
                        prompted=grid.prompts.get((cell.method, cell.task)),
                        on_progress=show,
                        should_stop=should_stop,
                        test=test,
                        judges=judges,
                    )
            except UserError as error:
                bar.write(f"{cell.folder.name} of {cell.task} is left out: {error}")
                bar.total = bar.n + sum(map(_expected_seconds, missing[number:]))
                continue
            if trial is None:
                break
            _keep(trial, test.names, output, file)
            _write_tables(output, file)
    _write_tables(output, file)
    results = file.read()
    draw_curves(results, output)
    draw_sheets(results, grid.tasks, output)
    return {result.cell for result in results} >= set(cells)


def _require_prompted(grid: Grid, missing: Sequence[Cell], done: Sequence[Result], file: ResultsFile) -> None:
    """Make sure, before anything is computed, that what follows prompts can do so, and did it with the same ones.

    Raises:
        UserError: A library is missing, or a result was made in another way.
    """
    if any(cell.method in PROMPTED for cell in missing):
        require_libraries()
    for result in done:
        if config := grid.prompts.get((result.cell.method, result.cell.task)):
            require_same(config, result.settings, f"{file.path}, {result.cell.method}, {result.cell.task}:")


def _expected_seconds(cell: Cell) -> float:
    return cell.steps * SECONDS_PER_STEP if cell.steps else 60 * cell.minutes


def _keep(trial: Trial, names: tuple[str, ...], output: Path, file: ResultsFile) -> None:
    """Write the edits first and the result last, so that a result on disk always has its edits."""
    folder = output / trial.result.cell.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, edit in zip(names, trial.edits):
        save_png(to_image(edit), folder / f"{name}.png")
    file.add(trial.result)


def _write_tables(output: Path, file: ResultsFile) -> None:
    output.mkdir(parents=True, exist_ok=True)
    replace_file(output / "tables.md", tables(file.read()).encode())


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


def _numbers(text: str, kind: type[int] | type[float], option: str) -> list[float]:
    try:
        return [kind(word) for word in _words(text)]
    except ValueError as error:
        raise UserError(f"{option} needs numbers separated by commas, such as 5,20,60, not {text!r}.") from error
