"""What was measured, as one line of JSON for each trained model. Lines are only ever added."""

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
    """One cell of the grid: one model to train. What needs no training has shots, minutes, steps and seed 0.

    Attributes:
        task: Name of the task.
        method: One of `methods.METHODS`.
        shots: How many training pairs it may see.
        minutes: Training time, to which its learning rate is fitted; 0 where steps are counted.
        size: Side of the pictures in pixels.
        seed: Decides first weights and draws.
        steps: Updates, instead of a time.
    """

    task: str
    method: str
    shots: int
    minutes: float
    size: int
    seed: int
    steps: int = 0

    @property
    def budget(self) -> Budget | None:
        """How long it is trained, if at all."""
        if self.steps:
            return Budget(steps=self.steps)
        return Budget(minutes=self.minutes) if self.minutes else None

    @property
    def folder(self) -> Path:
        """Where its test edits lie, relative to the results."""
        length = f"{self.steps}-steps" if self.steps else f"{self.minutes:g}-min"
        about = f"{self.method}-{self.shots}-shots-{length}-{self.size}-px-seed-{self.seed}"
        return Path("edits") / self.task / about


class CurvePoint(NamedTuple):
    """Mean PSNR on the test pairs, in dB, after some seconds of training."""

    seconds: float
    psnr: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """All that is known about one trained model.

    Attributes:
        cell: Which one.
        figures: Its quality on the test pairs at the end of its training.
        curve: Its quality on the way there, the end included.
        pairs: Pairs it was trained on; fewer than its shots where the task has no more.
        steps: Updates of its weights.
        seconds: Training time. Reading files and scoring do not count.
        cores_used: Processor time by wall time while training: near the number of threads on a quiet machine.
        parameters: Numbers in the network that edits.
        seconds_per_edit: Median time for one picture.
        peak_memory_mib: Most memory held while training and scoring, see `machine.PeakMemory`; None if not trained.
        machine: Where it was trained.
        settings: What it was trained with.
    """

    cell: Cell
    figures: Figures
    curve: tuple[CurvePoint, ...]
    pairs: int
    steps: int
    seconds: float
    cores_used: float
    parameters: int
    seconds_per_edit: float
    peak_memory_mib: float | None
    machine: str
    settings: Mapping[str, Any]

    def seconds_to(self, psnr: float) -> float | None:
        """Return after how much training the curve first had reached a PSNR; None if it never did."""
        return next((point.seconds for point in self.curve if point.psnr >= psnr), None)

    def to_json(self) -> str:
        """Return one line."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def from_json(cls, line: str) -> Result:
        """Undo `to_json`.

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
    """`results.jsonl`. Readable at any time, also while a benchmark is adding to it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Result]:
        """Return all whole results in the order in which they were made.

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
                    break  # the program was ended while writing
                raise ResultsError(
                    f"Line {number} of {self.path} is damaged. Remove it, and that model is trained again."
                ) from error
        return results

    def add(self, result: Result) -> None:
        """Write one more line, after removing what a crash may have left of the last one."""
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
    """Return the results whose cells have these values, such as task="faces", shots=20."""
    return [r for r in results if all(getattr(r.cell, name) == value for name, value in wanted.items())]
