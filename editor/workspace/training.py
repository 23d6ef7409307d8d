"""The runs of a workspace and the one training job of the process."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import torch

from editor.config import Budget, RunConfig
from editor.errors import UserError
from editor.images import load_image, to_tensor
from editor.metrics.psnr import psnr
from editor.pairs.store import Pair
from editor.training.history import History, HistoryReader
from editor.training.run_folder import RunFolder
from editor.training.runner import TrainingRunner
from editor.workspace.folders import Workspace, WorkspaceError, free_path, slugify

MAX_MINUTES = 24 * 60
ELSEWHERE_SECONDS = 20.0  # a run that wrote an event this recently is being trained by another process

RunState = Literal["waiting", "running", "elsewhere", "stopping", "interrupted", "stopped", "finished", "failed"]


class RunSummary(NamedTuple):
    """One run, as a list shows it."""

    id: str
    effect: str
    preset: str
    image_size: int  # pixels
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One run at one moment: all that a screen shows of its training."""

    run: RunSummary
    state: RunState
    history: History
    has_weights: bool
    unedited_psnr: float | None  # dB, of leaving the previewed pictures as they are; None before the first preview

    @property
    def is_live(self) -> bool:
        """Whether the run is being trained now."""
        return self.state in ("waiting", "running", "elsewhere", "stopping")

    @property
    def has_time_left(self) -> bool:
        """Whether it ended before its time was used up."""
        return self.state in ("stopped", "interrupted", "failed") and 0 < self.history.progress < 1


class PreviewRow(NamedTuple):
    """One previewed pair as small pictures that may be served."""

    name: str
    source: Path
    prediction: Path
    target: Path


@dataclass
class _Known:
    """What was read of a run so far."""

    version: int  # changes when another run takes the place of this one
    folder: RunFolder
    reader: HistoryReader
    pairs: list[Pair]
    unedited: dict[tuple[str, ...], float] = field(default_factory=dict)  # PSNR by the names of pairs


class Training:
    """Starts, stops and describes runs. Safe to use from any thread."""

    def __init__(self, workspace: Workspace, device: torch.device) -> None:
        self._workspace = workspace
        self._device = device
        self._runner = TrainingRunner()
        self._start_lock = threading.Lock()
        self._lock = threading.Lock()  # for what follows
        self._known: dict[str, _Known] = {}

    @property
    def active(self) -> str | None:
        """The id of the run that this process is training."""
        run = self._runner.active
        return run.name if run else None

    def runs(self) -> list[RunSummary]:
        """Return every run that can be read, the newest first."""
        found = []
        for path in self._workspace.runs_dir.glob("[!.]*/run.json"):
            try:
                found.append(_summary(self.open(path.parent.name)))
            except UserError:
                continue  # half-written, or of another version: not ours to show
        return sorted(found, key=lambda run: (run.created, run.id), reverse=True)

    def open(self, run: str) -> RunFolder:
        """Return the folder of the run with that id.

        Raises:
            WorkspaceError, RunError: There is none, or it cannot be read.
        """
        return self._look_up(run).folder

    def start(self, effect: str, config: RunConfig, minutes: float) -> str:
        """Begin a new run in the background and return its id.

        Args:
            effect: Slug of the effect whose pairs to learn from.
            config: Settings of the run.
            minutes: How long to train.

        Raises:
            WorkspaceError: Another run is in progress, the time makes no sense, or the disk is full.
            PairError: There are too few pairs.
        """
        with self._start_lock:
            budget = self._prepare(minutes)
            about = self._workspace.effect(effect)
            name = f"{datetime.now():%Y%m%d-%H%M%S}-{slugify(about.name)}"
            path = free_path(self._workspace.runs_dir, name)
            store = self._workspace.store(effect)
            run = RunFolder.create(path, config=config, store=store, effect=about.name)
            self._runner.start(run, budget=budget, device=self._device)
            return run.name

    def resume(self, run: str, minutes: float) -> None:
        """Go on with a run: with the time that was left when it ended early, or else for `minutes` more.

        Raises:
            WorkspaceError: A run is in progress, or the time makes no sense.
        """
        with self._start_lock:
            budget = self._prepare(minutes)
            snapshot = self.snapshot(run)
            if snapshot.is_live:
                raise WorkspaceError("This run is being trained by another program. Wait until it is done.")
            if snapshot.has_time_left:
                budget = None  # the run remembers it
            self._runner.start(self.open(run), budget=budget, device=self._device)

    def stop(self) -> None:
        """Ask the job to stop after the step it is in. What was learned is kept.

        Raises:
            WorkspaceError: Nothing is being trained.
        """
        if self._runner.active is None:
            raise WorkspaceError("Nothing is being trained right now.")
        self._runner.stop()

    def wait(self, timeout: float) -> bool:
        """Wait until nothing is being trained, at most `timeout` seconds, and say whether that is so."""
        return self._runner.wait(timeout)

    def snapshot(self, run: str) -> Snapshot:
        """Return what is known of a run now.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        known = self._look_up(run)
        is_ours = self.active == run  # asked before reading, so that an end in between is not taken for a crash
        with self._lock:
            history = known.reader.read()
        names = history.previews[-1].pictures if history.previews else ()
        return Snapshot(
            run=_summary(known.folder),
            state=self._state(known.folder, history, is_ours),
            history=history,
            has_weights=known.folder.has_weights,
            unedited_psnr=_unedited_psnr(known, names) if names else None,
        )

    def preview(self, run: str, step: int, names: tuple[str, ...]) -> list[PreviewRow]:
        """Return the pictures of the preview after `step` steps for the pairs `names`."""
        folder = self.open(run)
        rows = []
        for pair in self.pairs(run):
            path = folder.preview_path(step, pair.name)
            if pair.name in names and path.is_file():
                pictures = map(self._workspace.thumbnail, (pair.source, path, pair.target))
                rows.append(PreviewRow(pair.name, *pictures))
        return rows

    def pairs(self, run: str) -> list[Pair]:
        """Return the pairs that a run keeps, at its own size. They never change.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        return self._look_up(run).pairs

    def _look_up(self, run: str) -> _Known:
        path = self._workspace.run_dir(run)
        about = path / "run.json"
        version = about.stat().st_mtime_ns if about.is_file() else 0
        with self._lock:
            known = self._known.get(run)
            if known is None or known.version != version:
                folder = RunFolder.open(path)
                known = _Known(version, folder, HistoryReader(folder), folder.store.pairs())
                self._known[run] = known
            return known

    def _prepare(self, minutes: float) -> Budget:
        if self._runner.active is not None:
            raise WorkspaceError("A run is already in progress. Stop it first, or wait until it is done.")
        if not (type(minutes) in (int, float) and math.isfinite(minutes) and 0 < minutes <= MAX_MINUTES):
            raise WorkspaceError(f"Give a training time of more than 0 and at most {MAX_MINUTES} minutes.")
        self._workspace.require_space()
        return Budget(minutes=float(minutes))

    def _state(self, folder: RunFolder, history: History, is_ours: bool) -> RunState:
        if is_ours:
            if self._runner.is_stopping:
                return "stopping"
            return "running" if history.losses and history.state == "running" else "waiting"
        if history.state == "running":
            age = time.time() - folder.events_path.stat().st_mtime
            return "elsewhere" if age < ELSEWHERE_SECONDS else "interrupted"
        return "interrupted" if history.state == "empty" else history.state


def _unedited_psnr(known: _Known, names: tuple[str, ...]) -> float:
    if names not in known.unedited:
        pairs = [pair for pair in known.pairs if pair.name in names]
        sources = torch.stack([to_tensor(load_image(pair.source)) for pair in pairs])
        targets = torch.stack([to_tensor(load_image(pair.target)) for pair in pairs])
        known.unedited[names] = psnr(sources, targets).mean().item()
    return known.unedited[names]


def _summary(run: RunFolder) -> RunSummary:
    return RunSummary(run.name, run.effect, run.config.preset, run.config.image_size, run.created)
