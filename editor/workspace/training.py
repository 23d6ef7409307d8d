"""Starting, steering and describing the trainings of a workspace: one at a time, and a line of those that wait."""

from __future__ import annotations

import logging
import math
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import get_args

import torch

from editor.config import Budget, RunConfig
from editor.errors import UserError
from editor.sharing.jobs import is_rented, require_home
from editor.training.checkpoint import load_model, save_weights
from editor.training.control import Control, Request
from editor.training.forecast import Forecast, forecast
from editor.training.manifest import intact_version, save_version
from editor.training.recording import record_failure
from editor.training.run_folder import RunFolder, is_locked
from editor.training.runner import TrainingRunner
from editor.training.slices import is_zero_gpu
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.queue import QueuePosition, Ticket, TrainingQueue
from editor.workspace.run_index import RunFiles, RunIndex, TrainingRecord, damaged_of, summary
from editor.workspace.runs import KnownPast, RunListing, RunState, RunStatus
from editor.workspace.waiting_line import WaitingLine
from editor.workspace.workspace import Workspace

MAX_MINUTES = 24 * 60
MAX_WAITING = 50  # trainings, where no visitors share the machine
logger = logging.getLogger(__name__)


class Training(RunIndex):
    """The runs of a workspace: the one that is being trained, and those that wait. Safe to use from any thread."""

    def __init__(self, workspace: Workspace, device: torch.device, queue: TrainingQueue | None = None) -> None:
        super().__init__(workspace)
        self._device = device
        self._runner = TrainingRunner()
        self.is_public = queue is not None
        self._queue = queue or TrainingQueue(MAX_WAITING)
        self._line = WaitingLine(workspace.root / "queue.json", self._queue)
        self._start_lock = threading.Lock()
        self._probe_lock = threading.Lock()

    def take_up(self) -> None:
        """Let the runs wait again that did so when the app ended. The next one begins by itself."""
        for run, budget in self._line.saved():
            try:
                self.require_own_pairs(self.open(run))
                self._enter(run, budget, is_kept=True)
            except UserError as error:
                logger.warning("A training waits no more: %s", error)
        self._line.write()

    def close(self) -> None:
        """Stop training, keeping what was learned; what waits is taken up at the next start."""
        if not self.is_public:
            self._queue.close()
        if self._runner.active:
            self._runner.control.stop()
            self._runner.wait(timeout=60)

    def visited(self, context: Context) -> None:
        """Take note that a page of whoever the runs belong to is open; `context` is that of its request.

        Kept only where a GPU is borrowed with it: there are cookies in it.
        """
        if is_zero_gpu():
            self._runner.borrower.renew(context)

    @property
    def active(self) -> str | None:
        """The id of the run that this process is training, or else of the one that waits and is next."""
        waiting = self._line.runs()  # asked first: a run that starts in between is found as the active one
        run = self._runner.active
        return run.id if run else next(iter(waiting), None)

    @property
    def queue_position(self) -> QueuePosition | None:
        """Where the active run stands in the queue, if it waits."""
        active = self.active
        return next((turn.place for turn in self._line.turns() if turn.run == active), None)

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
        """Begin a new run in the background, as soon as nothing else is being trained, and return its id.

        It keeps the settings and the pairs of this moment, also if it has to wait.

        Args:
            effect: Slug of the effect whose pairs to learn from.
            config: Settings of the run.
            minutes: How long to train.
            name: What to call it; by default as the effect, with a number where that is taken.
            warm_from: A run whose weights to begin with, of the same settings but for what only training uses; None
                begins with random ones. What that run learned from is not held out again: it would flatter the score.

        Raises:
            WorkspaceError: The same training is in progress or waits, too many wait, the time makes no sense, the name
                is of no use, or the disk is full.
            PairError: There are too few pairs.
            RunError, CheckpointError, DamagedError: There is no run `warm_from`, or its weights do not fit.
        """
        with self._start_lock:
            budget = self._prepare(minutes)
            if warm_from is not None:
                self._require_rest(warm_from)
            about = self._workspace.effect(effect)
            key = effect, self._workspace.version(effect), config, minutes, name, warm_from
            if self._line.knows(key, self.active):  # one seed gives one result; and a button is pressed twice
                raise WorkspaceError(
                    "This very training is already in progress, or waits in line. Change its time, its settings or its "
                    "pairs to start another one."
                )
            model = load_model(intact_version(self.open(warm_from).weights_path), config)[0] if warm_from else None
            learned = [pair.name for pair in self.pairs(warm_from) if not pair.is_held_out] if warm_from else ()
            with self._workspace.using_pairs(effect) as store:
                run = self.create(
                    store, config=config, effect=about.name, effect_slug=effect, name=name, learned=learned
                )
            try:
                if model is not None:
                    save_version(run.weights_path, partial(save_weights, model=model, step=0))
                self._enter(run.id, budget, key=key)
            except BaseException:  # the queue or the disk is full
                shutil.rmtree(run.path, ignore_errors=True)
                raise
            return run.id

    def _enter(self, run: str, budget: Budget | None, *, key: object = None, is_kept: bool = False) -> None:
        """Train a run, now or when its turn comes; see `WaitingLine.enter`."""

        def begin() -> None:
            try:
                self._line.write()
                self._workspace.require_space()
                self._runner.start(self.open(run), budget=budget, device=self._device)
            except (UserError, OSError) as error:
                path = self._workspace.runs_dir / run
                if path.is_dir() and not self._is_locked(path):
                    record_failure(self.open(run), str(error))
                raise

        limits = self._workspace.limits
        ticket = Ticket(
            60 * limits.minutes if limits and budget is None else self.status(run).seconds_of(budget),
            begin,
            is_over=lambda: self._runner.active is None,
            stop=lambda: self._runner.control.stop(),  # of the job that it has then
            is_held=lambda: self._runner.control.should_pause(),
            is_limited=self.is_public,
        )
        self._line.enter(run, budget, ticket, key=key, is_kept=is_kept)

    @contextmanager
    def idle_run(self, run: str) -> Iterator[Path]:
        """Return the folder of a run as a context in which no training can start; also of a run that cannot be read.

        Raises:
            WorkspaceError: There is no such run, or it is being trained.
        """
        with self._start_lock:
            path = self._workspace.run_dir(run)
            if run in self._line.runs():
                raise WorkspaceError("This run waits in line to be trained. Take it out of the line first.")
            if self.active == run or self._is_locked(path):
                raise WorkspaceError("This run is being trained. Stop it first, or wait until it is done.")
            require_home(path)
            yield path

    @disk_errors_in_words()
    def resume(self, run: str, minutes: float) -> None:
        """Go on with a run: with the time that was left when it ended early, or else for `minutes` more.

        As `start`, it waits while another one is being trained.

        Raises:
            WorkspaceError: It is in progress or waits already, too many wait, or the time makes no sense.
        """
        with self._start_lock:
            self.require_own_pairs(self.open(run))
            self._require_rest(run)
            require_home(self._workspace.run_dir(run))
            budget = self._prepare(minutes)
            snapshot = self.status(run)
            if self._is_locked(self._workspace.run_dir(run)):
                raise WorkspaceError("This run is being trained by another program. Wait until it is done.")
            if snapshot.has_time_left:  # the state remembers it; a crash in the first minute leaves none
                budget = None if snapshot.saved_at else snapshot.budget_left
            self._enter(run, budget)

    def control(self, run: str | None = None) -> Control:
        """Return the control of the job, by which it is resumed and asked for previews and saves.

        Args:
            run: The id of the run that is meant; None for whichever is being trained.

        Raises:
            WorkspaceError: It is not being trained.
        """
        with self._start_lock:  # the job and its control are a pair, once it does not wait any more
            waiting, active, control = self._line.runs(), self.active, self._runner.control
        if active is None:
            raise WorkspaceError("Nothing is being trained right now.")
        if (run or active) in waiting:
            raise WorkspaceError("The turn of this run has not come yet.")
        if run is not None and run != active:
            raise WorkspaceError("This run is not being trained right now; another one is.")
        return control

    @disk_errors_in_words()
    def stop(self, run: str | None = None) -> None:
        """Ask the job to stop after the step it is in, or leave the queue. What was learned is kept.

        Args:
            run: The id of the run that is meant; None for whichever is being trained, or else waits and is next.

        Raises:
            WorkspaceError: It is not being trained.
        """
        wanted = run or self.active
        if wanted is None or not self._line.leave(wanted):
            self.control(run).stop()

    @disk_errors_in_words()
    def leave(self, run: str) -> None:
        """Take a run out of the line; one that has begun goes on."""
        self._line.leave(run)

    @disk_errors_in_words()
    def move(self, run: str, by: int) -> None:
        """Let a run that waits change places with the one before it (-1) or after it (1)."""
        self._line.move(run, by)

    def pause(self, run: str | None = None) -> None:
        """Ask the job to pause; see `control`. While others wait, it makes way: it is stopped, and can be continued.

        Raises:
            WorkspaceError: It is not being trained, or others wait for the machine.
        """
        if self.is_public:
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
        if self.is_public:
            raise WorkspaceError("In the public app nothing is measured beforehand: others wait for the machine.")
        with self._start_lock:
            if self._runner.active is not None:
                raise WorkspaceError("A run is in progress, so nothing can be measured. Stop it first, or wait.")
            return forecast(config, self._device)

    def wait(self, timeout: float) -> bool:
        """Wait until nothing is being trained or waits, at most `timeout` seconds, and say whether that is so."""
        return self._line.wait(timeout)

    def status(self, run: str) -> RunStatus:
        """Return what is known of a run now.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        status = self._status(self._files(run), self._effect_names())
        return replace(status, past=KnownPast(status.history))  # which stays that of this moment

    def listing(self) -> RunListing:
        """Return what is known of every run now."""
        active, effects, found = self.active, self._effect_names(), self._all()
        statuses = [self._status(files, effects) for files in found.values() if isinstance(files, RunFiles)]
        statuses.sort(key=lambda status: (status.run.created, status.run.id), reverse=True)
        return RunListing(active, statuses, [*damaged_of(found).values()], self._line.turns())

    def _status(self, files: RunFiles, effects: Mapping[str, str]) -> RunStatus:
        folder = files.folder
        # The live state is read before the files: otherwise a run that ends in between would look like a crashed
        # one, and a request that was fulfilled in between like a pending one.
        is_waiting, job, control = folder.id in self._line.runs(), self._runner.active, self._runner.control
        is_at_work = job is not None and job.id == folder.id  # else the control is that of another run
        asked = frozenset(item for item in get_args(Request) if is_at_work and control.is_asked(item))
        record = files.record.get()
        return RunStatus(
            run=summary(folder, effects),
            state="queued" if is_waiting and not is_at_work else self._state(folder, record, is_at_work),
            past=record,
            has_weights=record.has_weights,
            saved_at=record.saved_at,
            asked=asked,
        )

    def _require_rest(self, run: str) -> None:
        if run in (self.active, *self._line.runs()):
            raise WorkspaceError("This run is already in progress, or waits in line.")

    def _prepare(self, minutes: float) -> Budget:
        limits, waiting = self._workspace.limits, self._line.runs()
        if limits and len(waiting) >= limits.queued:
            raise WorkspaceError(f"At most {limits.queued} of your trainings can wait in line. Take one out first.")
        budget = self.budget(minutes)
        self._workspace.require_space()
        return budget

    def _state(self, folder: RunFolder, record: TrainingRecord, is_ours: bool) -> RunState:
        if folder.received is not None:
            return "shared"
        if is_rented(folder.path):
            return "rented"
        if is_ours:
            if self._runner.control.should_stop():
                return "stopping"
            if self._runner.control.should_pause():
                return "paused" if record.state == "paused" else "pausing"
            return "running" if record.state in ("running", "paused") and record.history.losses else "waiting"
        if record.state in ("empty", "running", "paused"):
            if self._is_locked(folder.path):
                return "elsewhere"
            return "untrained" if record.state == "empty" else "interrupted"
        return record.state

    def _is_locked(self, path: Path) -> bool:
        with self._probe_lock:  # probing acquires the run's lock, so two probes at once would see each other
            return is_locked(path)
