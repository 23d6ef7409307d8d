"""What `events.jsonl` says, as plain data for screens. A live run and last week's are read by the same code."""

from __future__ import annotations

import math
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
    by more than the tolerance, as after overfitting or divergence.

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
    """Reads a run's events incrementally: each call reads only the lines that were added since the last one."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._offset = 0
        self._history = History()

    def read(self) -> History:
        """Return the history up to the last whole line."""
        if not self.run.events_path.is_file():
            return self._history
        with self.run.events_path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]  # the writer may be in the middle of a line
        if whole:
            self._history = _extend(self._history, [_record(line) for line in whole.splitlines()])
            self._offset += len(whole)
        return self._history


def read_history(run: RunFolder) -> History:
    """Read a run's events from the beginning."""
    return HistoryReader(run).read()


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


def _extend(history: History, records: list[dict[str, Any]]) -> History:
    losses, previews = list(history.losses), list(history.previews)
    latest: dict[str, Any] = {}
    for record in records:
        kind = record.pop("kind")
        if kind in UNREADABLE:
            latest |= {"state": "failed", "message": UNREADABLE[kind], "eta_seconds": 0.0}
            continue
        latest |= {"step": record["step"], "seconds": record["seconds"]}
        if kind == "Started":
            latest |= {name: record[name] for name in STARTED}
            latest |= {"state": "running", "message": "", "progress": record["progress"] or 0.0, "eta_seconds": 0.0}
            # After a crash the run goes on from its last save; what was lost leaves the curves.
            losses = [point for point in losses if point.step <= record["step"]]
            previews = [point for point in previews if point.step <= record["step"]]
        elif kind == "StepDone":
            losses.append(LossPoint(record["step"], record["seconds"], record["losses"]))
            latest |= {name: record[name] for name in ("progress", "steps_per_second", "eta_seconds")}
            latest["state"] = "running"  # after a pause
        elif kind == "Preview":
            record["pictures"] = tuple(record["pictures"])
            previews.append(PreviewPoint(**record))
        elif kind == "Adjusted":
            latest |= {"message": record["message"]}
            losses = [point for point in losses if point.step <= record["step"]]
            previews = [point for point in previews if point.step <= record["step"]]
        elif kind == "CheckpointDue":
            latest["saved_step"] = record["step"]
        elif kind == "Paused":
            latest["state"] = "paused"
        elif kind == "Finished":
            latest |= {"state": "stopped" if record["was_stopped"] else "finished", "eta_seconds": 0.0}
        elif kind == "Failed":
            latest |= {"state": "failed", "message": record["message"], "eta_seconds": 0.0}
    return replace(history, **latest, losses=tuple(losses), previews=tuple(previews))
