"""Starting, steering and describing the one training of a workspace."""

from __future__ import annotations

import math
import shutil
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import get_args

import torch

from editor.config import Budget, RunConfig
from editor.pairs.store import PairStore
from editor.training.checkpoint import load_model, save_weights
from editor.training.control import Control, Request
from editor.training.forecast import Forecast, forecast
from editor.training.history import History
from editor.training.manifest import intact_version, save_version
from editor.training.run_folder import RunFolder, is_locked
from editor.training.runner import TrainingRunner
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.names import clean_name, free_name, free_path, slugify
from editor.workspace.public.queue import QueuePosition, Ticket, TrainingQueue
from editor.workspace.run_index import RunFiles, RunIndex, damaged_of, summary
from editor.workspace.runs import RunListing, RunState, RunStatus
from editor.workspace.workspace import Workspace

MAX_MINUTES = 24 * 60


class Training(RunIndex):
    """The runs of a workspace, and the one that is being trained or waits for its turn. Safe to use from any thread."""

    def __init__(self, workspace: Workspace, device: torch.device, queue: TrainingQueue | None = None) -> None:
        super().__init__(workspace)
        self._device = device
        self._runner = TrainingRunner()
        self._queue = queue
        self._waiting: tuple[str, Ticket] | None = None  # the run that was queued last; it may have started or left
        self._start_lock = threading.Lock()
        self._probe_lock = threading.Lock()

    @property
    def active(self) -> str | None:
        """The id of the run that this process is training, or that waits for its turn."""
        if self.queue_position is not None:  # asked first: a run that starts in between is found as the active one
            return self._waiting[0]
        run = self._runner.active
        return run.id if run else None

    @property
    def queue_position(self) -> QueuePosition | None:
        """Where the run that waits for its turn stands, if there is one."""
        return self._queue.position(self._waiting[1]) if self._waiting else None

    @disk_errors_in_words()
    def start(
        self,
        effect: str,
        config: RunConfig,
        minutes: float,
        *,
        name: str | None = None,
        warm_from: str | None = None,
    ) -> str:
        """Begin a new run in the background and return its id.

        Args:
            effect: Slug of the effect whose pairs to learn from.
            config: Settings of the run.
            minutes: How long to train.
            name: What to call it; by default as the effect, with a number where that is taken.
            warm_from: A run whose weights to begin with, of the same settings but for what only training uses; None
                begins with random ones. What that run learned from is not held out again: it would flatter the score.

        Raises:
            WorkspaceError: Another run is in progress, the time makes no sense, the name is of no use, or the disk is
                full.
            PairError: There are too few pairs.
            RunError, CheckpointError, DamagedError: There is no run `warm_from`, or its weights do not fit.
        """
        with self._start_lock:
            budget = self._prepare(minutes)
            about = self._workspace.effect(effect)
            model = load_model(intact_version(self.open(warm_from).weights_path), config)[0] if warm_from else None
            learned = [pair.name for pair in self.pairs(warm_from) if not pair.is_held_out] if warm_from else ()
            with self._workspace.using_pairs(effect) as store:
                run = self.create(
                    store, config=config, effect=about.name, effect_slug=effect, name=name, learned=learned
                )
            try:
                if model is not None:
                    save_version(run.weights_path, partial(save_weights, model=model, step=0))
                self._begin(run, budget)
            except BaseException:  # the queue or the disk is full
                shutil.rmtree(run.path, ignore_errors=True)
                raise
            return run.id

    def _begin(self, run: RunFolder, budget: Budget | None) -> None:
        """Train the run, now or when its turn comes."""

        def begin() -> None:
            self._runner.start(run, budget=budget, device=self._device)

        if self._queue is None:
            begin()
            return
        minutes = budget and budget.minutes or self._workspace.limits.minutes
        ticket = Ticket(60 * minutes, begin, lambda: self._runner.active is None, self._end)
        self._waiting = run.id, ticket
        self._queue.join(ticket)

    def _end(self) -> None:
        self._runner.control.stop()

    def create(
        self,
        store: PairStore,
        *,
        config: RunConfig,
        effect: str,
        effect_slug: str | None,
        name: str | None,
        learned: Collection[str] = (),
    ) -> RunFolder:
        """Make a new run that is not trained yet; see `start`."""
        with self._workspace.naming:
            taken = {run.name for run in self.runs()}
            self.require_room_for_run()
            name = free_name(effect, taken) if name is None else clean_name(name, what="run", taken=taken)
            path = free_path(self._workspace.runs_dir, f"{datetime.now():%Y%m%d-%H%M%S}-{slugify(name)}")
            return RunFolder.create(
                path,
                config=config,
                store=store,
                effect=effect,
                effect_slug=effect_slug,
                name=name,
                learned=learned,
            )

    def require_room_for_run(self) -> None:
        """Make sure that there may be one more run.

        Raises:
            WorkspaceError: There are as many as there may be.
        """
        limits = self._workspace.limits
        if limits and len(self._ids()) >= limits.runs:
            raise WorkspaceError(f"There can be at most {limits.runs} runs here. Delete one first.")

    @staticmethod
    def require_own_pairs(run: RunFolder) -> None:
        """Make sure that a run has the pairs that it was learned from.

        Raises:
            WorkspaceError: It came as an effect file, without them.
        """
        if run.shared is not None:
            raise WorkspaceError(
                f"{run.name} came as a file, without the pairs that it was learned from, so it cannot learn more. Add "
                "pairs in step 1 to train one of your own."
            )

    @contextmanager
    def idle_run(self, run: str) -> Iterator[Path]:
        """Return the folder of a run as a context in which no training can start; also of a run that cannot be read.

        Raises:
            WorkspaceError: There is no such run, or it is being trained.
        """
        with self._start_lock:
            path = self._workspace.run_dir(run)
            if self.active == run or self._is_locked(path):
                raise WorkspaceError("This run is being trained. Stop it first, or wait until it is done.")
            yield path

    @disk_errors_in_words()
    def resume(self, run: str, minutes: float) -> None:
        """Go on with a run: with the time that was left when it ended early, or else for `minutes` more.

        Raises:
            WorkspaceError: A run is in progress, or the time makes no sense.
        """
        with self._start_lock:
            self.require_own_pairs(self.open(run))
            budget = self._prepare(minutes)
            snapshot = self.status(run)
            if self._is_locked(self._workspace.run_dir(run)):
                raise WorkspaceError("This run is being trained by another program. Wait until it is done.")
            if snapshot.has_time_left:  # the state remembers it; a crash in the first minute leaves none
                budget = None if snapshot.saved_at else snapshot.budget_left
            self._begin(self.open(run), budget)

    @property
    def is_shared(self) -> bool:
        """Whether others wait for the machine too: then nothing may hold it, neither a pause nor a measurement."""
        return self._queue is not None

    def control(self, run: str | None = None) -> Control:
        """Return the control of the job, by which it is resumed and asked for previews and saves.

        Args:
            run: The id of the run that is meant; None for whichever is being trained.

        Raises:
            WorkspaceError: It is not being trained.
        """
        with self._start_lock:  # the job and its control are a pair, once it does not wait any more
            is_waiting, active, control = self.queue_position is not None, self.active, self._runner.control
        if active is None:
            raise WorkspaceError("Nothing is being trained right now.")
        if is_waiting:
            raise WorkspaceError("The turn of this run has not come yet.")
        if run is not None and run != active:
            raise WorkspaceError("This run is not being trained right now; another one is.")
        return control

    def stop(self, run: str | None = None) -> None:
        """Ask the job to stop after the step it is in, or leave the queue. What was learned is kept.

        Args:
            run: The id of the run that is meant; None for whichever is being trained or waits.

        Raises:
            WorkspaceError: It is not being trained.
        """
        if self._waiting and run in (None, self._waiting[0]) and self._queue.leave(self._waiting[1]):
            return
        self.control(run).stop()

    def pause(self, run: str | None = None) -> None:
        """Ask the job to pause; see `control`.

        Raises:
            WorkspaceError: It is not being trained, or others wait for the machine.
        """
        if self.is_shared:
            raise WorkspaceError("In the public app a training cannot hold: others wait for the machine. Stop it.")
        self.control(run).pause()

    def budget(self, minutes: float) -> Budget:
        """Return a training time as a budget.

        Raises:
            WorkspaceError: It makes no sense.
        """
        longest = self._workspace.limits.minutes if self._workspace.limits else MAX_MINUTES
        if not (type(minutes) in (int, float) and math.isfinite(minutes) and 0 < minutes <= longest):
            raise WorkspaceError(f"Give a training time of more than 0 and at most {longest:g} minutes.")
        return Budget(minutes=float(minutes))

    def forecast(self, config: RunConfig) -> Forecast:
        """Measure for a few seconds what a training will take. Nothing can be started meanwhile.

        Raises:
            WorkspaceError: Something is being trained, so the numbers would be wrong.
            ForecastError: Memory does not suffice for it at all.
        """
        if self.is_shared:
            raise WorkspaceError("In the public app nothing is measured beforehand: others wait for the machine.")
        with self._start_lock:
            if self._runner.active is not None:
                raise WorkspaceError("A run is in progress, so nothing can be measured. Stop it first, or wait.")
            return forecast(config, self._device)

    def wait(self, timeout: float) -> bool:
        """Wait until nothing is being trained, at most `timeout` seconds, and say whether that is so."""
        return self._runner.wait(timeout)

    def status(self, run: str) -> RunStatus:
        """Return what is known of a run now.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        return self._status(self._files(run), self._effect_names())

    def listing(self) -> RunListing:
        """Return what is known of every run now."""
        active, effects, found = self.active, self._effect_names(), self._all()
        statuses = [self._status(files, effects) for files in found.values() if isinstance(files, RunFiles)]
        statuses.sort(key=lambda status: (status.run.created, status.run.id), reverse=True)
        return RunListing(active, statuses, [*damaged_of(found).values()])

    def _status(self, files: RunFiles, effects: Mapping[str, str]) -> RunStatus:
        folder = files.folder
        # The live state is read before the files: otherwise a run that ends in between would look like a crashed
        # one, and a request that was fulfilled in between like a pending one.
        is_ours, job, control = self.active == folder.id, self._runner.active, self._runner.control
        is_at_work = job is not None and job.id == folder.id  # else the control is that of another run
        asked = frozenset(item for item in get_args(Request) if is_at_work and control.is_asked(item))
        history, has_weights, saved_at = files.record.get()
        return RunStatus(
            run=summary(folder, effects),
            state=self._state(folder, history, is_ours),
            history=history,
            has_weights=has_weights,
            saved_at=saved_at,
            asked=asked,
        )

    def _prepare(self, minutes: float) -> Budget:
        if self.active is not None:
            raise WorkspaceError("A run is already in progress. Stop it first, or wait until it is done.")
        budget = self.budget(minutes)
        self._workspace.require_space()
        return budget

    def _state(self, folder: RunFolder, history: History, is_ours: bool) -> RunState:
        if folder.shared is not None:
            return "shared"
        if is_ours:
            if self.queue_position is not None:
                return "queued"
            if self._runner.control.should_stop():
                return "stopping"
            if self._runner.control.should_pause():
                return "paused" if history.state == "paused" else "pausing"
            return "running" if history.losses and history.state in ("running", "paused") else "waiting"
        if history.state in ("empty", "running", "paused"):
            if self._is_locked(folder.path):
                return "elsewhere"
            return "untrained" if history.state == "empty" else "interrupted"
        return history.state

    def _is_locked(self, path: Path) -> bool:
        with self._probe_lock:  # probing acquires the run's lock, so two probes at once would see each other
            return is_locked(path)
