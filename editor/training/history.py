"""What `events.jsonl` says, as plain data for screens. A live run and last week's are read by the same code."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from editor.files import parse_json
from editor.training.events import NewerEventError, from_json
from editor.training.run_folder import RunFolder

State = Literal["empty", "running", "paused", "stopped", "finished", "failed"]
STARTED = (  # fields shared with that event
    "device",
    "num_pairs",
    "num_held_out",
    "chance_shift",
    "color_map",
    "has_detail",
    "grain",
    "unedited_psnr",
    "budget_minutes",
    "budget_steps",
)
DAMAGED = (
    "events.jsonl of this run is damaged, so some of its history is missing. What was learned is still there: edit "
    "with it, or press Continue."
)
NEWER = (
    "A newer version of Pairbrush has trained this run, so some of its history cannot be shown. Update Pairbrush to "
    "see it; it was left as it is."
)
UNREADABLE = {"Damaged": DAMAGED, "Newer": NEWER}  # kinds of lines that are no events
STEPS = b'"kind": "StepDone"'  # in the lines of that event, which are nearly all
TAIL_BYTES = 4096  # of a file of events that are read first to find its end: a dozen lines


@dataclass(frozen=True, slots=True)
class LossPoint:
    """Unweighted losses by term after `step` steps and `seconds` of training."""

    step: int
    seconds: float
    losses: dict[str, float]


@dataclass(frozen=True, slots=True)
class PreviewPoint:
    """One preview: mean PSNR in dB and SSIM over the `pictures`, which are names of pairs."""

    step: int
    seconds: float
    psnr: float
    ssim: float
    is_held_out: bool
    pictures: tuple[str, ...]
    is_base: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything a screen shows of one run's training.

    The states "running" and "paused" mean that no end was recorded: after a crash the process may be gone.
    """

    state: State = "empty"
    device: str = ""
    num_pairs: int = 0
    num_held_out: int = 0
    chance_shift: float | None = None  # how far targets were moved onto their sources, as a share of the side
    has_detail: bool | None = None  # a detail filter is learned first
    grain: float | None = None  # levels of the grain that edits get
    color_map: float | None = None  # share of the effect that a color map explains, see `events.Started`
    unedited_psnr: float | None = None  # dB, of leaving the previewed pictures as they are; None for older runs
    step: int = 0
    seconds: float = 0.0
    budget_minutes: float | None = None  # of the current segment: either a time ...
    budget_steps: int | None = None  # ... or a number of steps
    progress: float = 0.0  # share of the current budget
    saved_step: int | None = None  # step of the last saved training state
    steps_per_second: float = 0.0
    eta_seconds: float = 0.0
    message: str = ""  # why it failed, or how it recovered
    losses: tuple[LossPoint, ...] = field(default=())
    previews: tuple[PreviewPoint, ...] = field(default=())

    def __hash__(self) -> int:
        """Hash a few fields, at once however long the curves are: what is drawn of a history is cached by it."""
        return hash((self.state, self.step, self.seconds, len(self.losses), len(self.previews)))

    @property
    def best(self) -> PreviewPoint | None:
        """The held-out preview with the highest PSNR, see `best_preview`."""
        return best_preview(self.previews)

    @property
    def chosen(self) -> PreviewPoint | None:
        """The preview whose weights edit, see `WeightSelection`."""
        selection, chosen = WeightSelection(self.color_map), None
        for point in self.previews:
            chosen = point if selection.accepts(point) else chosen
        return chosen

    def decimated(self, count: int) -> tuple[LossPoint, ...]:
        """Return at most `count` loss points, evenly spread, the newest always among them."""
        stride = -(-len(self.losses) // count)
        return self.losses[::-1][:: max(stride, 1)][::-1]


class Scored(Protocol):
    """A preview, live or on record."""

    step: int
    psnr: float
    is_held_out: bool
    is_base: bool | None


class WeightSelection:
    """Early stopping with a tolerance: selects the newest weights that are not clearly worse than the best so far.

    The measure is the PSNR on the held-out pairs. It is noisy, since they are few, and it prefers a blurred edit to a
    sharp one that lies slightly beside the truth, by more than a dB. So weights are passed over only if they are worse
    by more than the tolerance, as after overfitting or divergence. Edited regions, fine detail and errors that forgive
    a shift choose no better: see "Which weights edit" in benchmarks/RESULTS.md.

    Where a color map explains the effect, the map alone edits until the network is better than that by the tolerance:
    on a pure look the network only adds noise. Likewise a detail filter edits alone, until M is better by a margin.

    Attributes:
        best_psnr: The highest among the previews so far, in dB.
        least_psnr: What the network has to reach, in dB.
    """

    TOLERANCE = 1.5  # dB
    MARGIN = 0.5  # dB

    def __init__(self, color_map: float | None = None) -> None:
        """Begin without previews.

        Args:
            color_map: Share of the effect that a color map explains, see `events.Started`.
        """
        self._has_map = bool(color_map)
        self.best_psnr = self.least_psnr = -math.inf

    def accepts(self, preview: Scored) -> bool:
        """Return whether the weights of the next preview are the ones to edit with from now on."""
        if not preview.is_held_out:  # no measure
            return False
        if preview.step == 0:  # nothing but the map is learned
            self.least_psnr = preview.psnr + self.TOLERANCE if self._has_map else -math.inf
            return self._has_map
        if preview.is_base:
            self.least_psnr = preview.psnr + self.MARGIN
            return True
        self.best_psnr = max(self.best_psnr, preview.psnr)
        return preview.psnr >= max(self.best_psnr - self.TOLERANCE, self.least_psnr)


def best_preview(previews: Iterable[PreviewPoint]) -> PreviewPoint | None:
    """Return the held-out preview with the highest PSNR, the first of equals, not counting the untrained step 0."""
    return max((p for p in previews if p.is_held_out and p.step > 0), key=lambda point: point.psnr, default=None)


class HistoryReader:
    """Reads a run's events incrementally: each call reads only the lines that were added since the last one.

    Safe to use from any thread.
    """

    def __init__(self, run: RunFolder, *, has_losses: bool = True) -> None:
        """Nothing is read yet.

        Args:
            run: Whose.
            has_losses: Whether the curves of the losses are wanted. Without them few lines have to be understood.
        """
        self._has_losses = has_losses
        self.run = run
        self._lock = threading.Lock()  # guards what was read
        self._offset = 0
        self._history = History()

    def read(self) -> History:
        """Return the history up to the last whole line."""
        with self._lock:
            if not self.run.events_path.is_file():
                return self._history
            with self.run.events_path.open("rb") as file:
                file.seek(self._offset)
                whole = _whole_lines(file.read())
            if whole:
                lines = whole.splitlines()
                history = _extend(self._history, map(_record, lines if self._has_losses else _outline(lines)))
                self._history = history if self._has_losses else replace(history, losses=())
                self._offset += len(whole)
            return self._history


def read_history(run: RunFolder) -> History:
    """Read a run's events from the beginning."""
    return HistoryReader(run).read()


def read_state(run: RunFolder) -> State:
    """Return the state that `read_history` would find, from the last lines: so a list of runs costs no long files."""
    if not run.events_path.is_file():
        return "empty"
    with run.events_path.open("rb") as file:
        size, wanted = file.seek(0, os.SEEK_END), TAIL_BYTES
        while True:
            start = file.seek(max(0, size - wanted))
            lines = _whole_lines(file.read(size - start)).splitlines()
            for line in reversed(lines[1:] if start else lines):  # the first one may lack its beginning
                if (state := _state_after(_record(line))) is not None:
                    return state
            if not start:
                return "empty"
            wanted *= 8


def read_events(run: RunFolder) -> list[dict[str, Any]]:
    """Return all events of a run as records, see `events.from_json`. Unreadable lines are left out."""
    lines = run.events_path.read_bytes().splitlines() if run.events_path.is_file() else []
    return [record for record in map(_record, lines) if record["kind"] not in UNREADABLE]


def _record(line: bytes) -> dict[str, Any]:
    """Return the record of a line; an unreadable one has a kind of its own, so that the page can report it."""
    try:
        return from_json(parse_json(line))
    except NewerEventError:
        return {"kind": "Newer"}
    except ValueError:
        return {"kind": "Damaged"}


def _whole_lines(data: bytes) -> bytes:
    """Leave out what follows the last line break: the writer may be in the middle of a line."""
    return data[: data.rfind(b"\n") + 1]


def _state_after(record: dict[str, Any]) -> State | None:
    """Return the state of a run after an event; None where the event leaves it as it is."""
    kind = record["kind"]
    if kind in ("Started", "StepDone"):  # the latter also after a pause
        return "running"
    if kind == "Paused":
        return "paused"
    if kind == "Finished":
        return "stopped" if record["was_stopped"] else "finished"
    return "failed" if kind == "Failed" or kind in UNREADABLE else None


def _outline(lines: list[bytes]) -> list[bytes]:
    """Leave out lines of steps but for the last one before another event: of the others only the losses matter."""
    is_step = [STEPS in line for line in lines]
    return [line for line, *both in zip(lines, is_step, [*is_step[1:], False]) if not all(both)]


def _extend(history: History, records: Iterable[dict[str, Any]]) -> History:
    losses, previews = list(history.losses), list(history.previews)
    latest: dict[str, Any] = {}
    for record in records:
        if state := _state_after(record):
            latest["state"] = state
        kind = record.pop("kind")
        if kind in UNREADABLE:
            latest |= {"message": UNREADABLE[kind], "eta_seconds": 0.0}
            continue
        latest |= {"step": record["step"], "seconds": record["seconds"]}
        if kind == "Started":
            latest |= {name: record[name] for name in STARTED}
            latest |= {"message": "", "progress": record["progress"] or 0.0, "eta_seconds": 0.0}
            # After a crash the run goes on from its last save; what was lost leaves the curves.
            losses = [point for point in losses if point.step <= record["step"]]
            previews = [point for point in previews if point.step <= record["step"]]
        elif kind == "StepDone":
            losses.append(LossPoint(record["step"], record["seconds"], record["losses"]))
            latest |= {name: record[name] for name in ("progress", "steps_per_second", "eta_seconds")}
        elif kind == "Preview":
            record["pictures"] = tuple(record["pictures"])
            previews.append(PreviewPoint(**record))
        elif kind == "Adjusted":
            latest |= {"message": record["message"]}
            losses = [point for point in losses if point.step <= record["step"]]
            previews = [point for point in previews if point.step <= record["step"]]
        elif kind == "CheckpointDue":
            latest["saved_step"] = record["step"]
        elif kind == "Finished":
            latest["eta_seconds"] = 0.0
        elif kind == "Failed":
            latest |= {"message": record["message"], "eta_seconds": 0.0}
    return replace(history, **latest, losses=tuple(losses), previews=tuple(previews))
