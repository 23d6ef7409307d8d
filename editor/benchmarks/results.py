"""Results of a benchmark in an append-only file: one line of JSON for each trained model."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from editor.benchmarks.scoring import Figures
from editor.config import Budget
from editor.errors import UserError


class ResultsError(UserError):
    """A file of results that cannot be used. The message is for a person."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of the grid: one model to train. A baseline without training has shots, minutes, steps and seed 0.

    Attributes:
        task: Name of the task.
        method: One of `methods.METHODS`, or the name of `foreign_edits`.
        shots: Number of training pairs.
        minutes: Training time, on which the schedule of the learning rate depends; 0 where steps are counted.
        size: Side of the pictures in pixels.
        seed: Of the initial weights and all draws.
        steps: Number of training steps, instead of a time.
    """

    task: str
    method: str
    shots: int
    minutes: float
    size: int
    seed: int
    steps: int = 0

    @property
    def is_trained(self) -> bool:
        """Whether a model was trained, so that shots, length and seed mean something."""
        return bool(self.shots)

    @property
    def budget(self) -> Budget | None:
        """Length of the training; None for a baseline without training."""
        if self.steps:
            return Budget(steps=self.steps)
        return Budget(minutes=self.minutes) if self.minutes else None

    @property
    def folder(self) -> Path:
        """Folder of its test edits, relative to the folder of the results."""
        length = f"{self.steps}-steps" if self.steps else f"{self.minutes:g}-min"
        about = f"{self.method}-{self.shots}-shots-{length}-{self.size}-px-seed-{self.seed}"
        return Path("edits") / self.task / about


class CurvePoint(NamedTuple):
    """Mean PSNR on the test pairs, in dB, after some seconds of training."""

    seconds: float
    psnr: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """All measurements of one trained model.

    Attributes:
        cell: Which model.
        figures: Quality on the test pairs at the end of the training.
        curve: Quality on the test pairs during the training, the end included.
        pairs: Number of training pairs; fewer than the shots where the task has no more.
        steps: Number of training steps.
        seconds: Training time, without reading files and scoring.
        cores_used: Processor time divided by wall time of the training: on an idle machine about the number of threads.
        parameters: Number of parameters of the network that edits; None if another program has edited.
        seconds_per_edit: Median time for one picture; None likewise.
        peak_memory_mib: Most memory held while training and scoring, see `memory.PeakMemory`; None if not trained.
        machine: The machine that trained it, see `machine`.
        settings: Settings of the training.
    """

    cell: Cell
    figures: Figures
    curve: tuple[CurvePoint, ...]
    pairs: int
    steps: int
    seconds: float
    cores_used: float
    parameters: int | None
    seconds_per_edit: float | None
    peak_memory_mib: float | None
    machine: str
    settings: Mapping[str, Any]

    def seconds_to(self, psnr: float) -> float | None:
        """Return the training time at which the curve first reaches a PSNR, in seconds; None if it never does."""
        return next((point.seconds for point in self.curve if point.psnr >= psnr), None)

    def to_json(self) -> str:
        """Return one line."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Result:
        """Read a line written by `to_json`.

        Raises:
            ValueError, TypeError, KeyError: The line is not a result of this version.
        """
        values = json.loads(line)
        parts = {
            "cell": Cell(**values.pop("cell")),
            "figures": Figures(**values.pop("figures")),
            "curve": tuple(CurvePoint(*point) for point in values.pop("curve")),
        }
        return cls(**parts, **values)


class ResultsFile:
    """The file `results.jsonl`. It can be read while a benchmark appends to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Result]:
        """Return all complete results in the order in which they were appended.

        Raises:
            ResultsError: A line is damaged that is not the last, half-written one.
        """
        lines = self.path.read_text(encoding="utf-8").split("\n") if self.path.is_file() else [""]
        results = []
        for number, line in enumerate(lines, start=1):
            try:
                results += [Result.from_json(line)] if line else []
            except (ValueError, TypeError, KeyError) as error:
                if number == len(lines):
                    break  # the program ended while it wrote this line
                raise ResultsError(
                    f"Line {number} of {self.path} is damaged. Remove it, and that model is trained again."
                ) from error
        return results

    def add(self, result: Result) -> None:
        """Append a line, after removing an incomplete one that a crash may have left."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            file.seek(0)
            written = file.read()
            whole = written.rfind(b"\n") + 1
            if whole < len(written):
                file.truncate(whole)
            file.write(result.to_json().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def find(results: Sequence[Result], **wanted: object) -> list[Result]:
    """Return the results whose cells have these values, for instance task="faces", shots=20."""
    return [r for r in results if all(getattr(r.cell, name) == value for name, value in wanted.items())]
