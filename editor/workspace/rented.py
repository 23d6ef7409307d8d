"""Runs on rented machines (Hugging Face Jobs): prices, starting, and following until they are home.

Every job is followed by a thread; an app that starts anew makes one for each run that has a `job.json`. It ends with
the process, or when the run is home; the machine goes on meanwhile.
"""

from __future__ import annotations

import logging
import shutil
import threading
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from editor.config import RunConfig
from editor.errors import UserError
from editor.hub import Hub
from editor.json_files import JsonFileError
from editor.sharing import jobs
from editor.sharing.jobs import Job, Price
from editor.training.run_folder import RunError, RunFolder
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace

AGAIN_SECONDS = 30.0  # between two tries to reach the Hub
logger = logging.getLogger(__name__)


class LostMachineError(WorkspaceError):
    """What a run says of the rented machine that it is on cannot be read."""


class RentedFacts(NamedTuple):
    """What a page says of the machine that a run is on.

    Attributes:
        machine: Its name.
        started: When.
        cost: Dollars until now; None where that is not known.
        most: Dollars that it can cost; None where that is not known.
        ends: When it is stopped at the latest; None where that is not known.
        problem: Why it cannot be followed right now; empty where it can.
    """

    machine: str
    started: datetime
    cost: float | None
    most: float | None
    ends: datetime | None
    problem: str


class Rented:
    """The runs of a workspace that are on rented machines. Safe to use from any thread.

    Attributes:
        is_offered: Whether pages may rent machines. Only where nobody can reach the app but the person who runs it and
            whose account pays.
    """

    def __init__(self, workspace: Workspace, training: Training, *, is_offered: bool, hub: Hub | None = None) -> None:
        """Follow every run that is away already, where `is_offered`."""
        self.is_offered = is_offered
        self._workspace, self._training = workspace, training
        self._hub = hub or Hub()
        self._lock = threading.Lock()
        self._followed: dict[str, threading.Thread] = {}
        self._problems: dict[str, str] = {}
        self._offers: dict[tuple[str, float], Price] = {}  # prices that a page was told, by machine and time to train
        self._is_closed = threading.Event()
        for run in training.runs() if is_offered else ():
            self._follow_if_away(run.id)

    def close(self) -> None:
        """Follow nobody any more; the machines go on."""
        self._is_closed.set()

    @property
    def is_logged_in(self) -> bool:
        """Whether this machine is logged in at the Hub."""
        return self._hub.knows_who

    def offers(self, minutes: float) -> list[Price]:
        """Ask what training for some time costs, the cheapest machine first.

        Raises:
            WorkspaceError: Nothing is rented from here, or the time makes no sense.
            HubError: The Hub cannot be asked.
        """
        self._require_offered()
        budget = self._training.budget(minutes)
        found = jobs.prices(budget, self._hub)
        with self._lock:
            self._offers |= {(price.flavor, budget.minutes): price for price in found}
        return found

    @disk_errors_in_words()
    def start(self, effect: str, config: RunConfig, machine: str, minutes: float, *, is_kept: bool = False) -> str:
        """Train a new run on a rented machine, and return its id.

        Args:
            effect: Slug of the effect whose pairs to learn from.
            config: Settings of the run.
            machine: Name of the machine, whose price for that time the person has seen.
            minutes: How long to train.
            is_kept: Whether the copy of the run at the Hub stays when it has come home.

        Raises:
            WorkspaceError: Nothing is rented from here, or nobody was told that price.
            PairError: There are too few pairs.
            HubError, JobError: The Hub refuses. Nothing is left here or there.
        """
        cost = self._agreed(machine, minutes)
        about = self._workspace.effect(effect)
        self._workspace.require_space()
        with self._workspace.using_pairs(effect) as store:
            run = self._training.create(store, config=config, effect=about.name, effect_slug=effect, name=None)
        try:
            self._send(run, cost, minutes, is_kept)
        except BaseException:
            shutil.rmtree(run.path, ignore_errors=True)
            raise
        return run.id

    @disk_errors_in_words()
    def resume(self, run: str, machine: str, minutes: float, *, is_kept: bool = False) -> None:
        """Go on with a run on a rented machine; see `start`.

        Raises:
            WorkspaceError, RunError: There is no such run, it came without its pairs, or it is being trained.
        """
        cost = self._agreed(machine, minutes)
        with self._training.idle_run(run):
            folder = self._training.open(run)
        self._training.require_own_pairs(folder)
        self._send(folder, cost, minutes, is_kept)

    @disk_errors_in_words()
    def cancel(self, run: str) -> None:
        """Stop the machine that a run is on. What it has learned until its last preview comes home.

        Raises:
            WorkspaceError, JobError: It is on none, or nothing is rented from here.
            HubError: The Hub cannot be reached: the machine goes on.
        """
        self._require_offered()
        jobs.cancel(self._training.open(run), self._hub)
        self._follow_if_away(run)

    def facts(self, run: str) -> RentedFacts | None:
        """Return what is known of the machine that a run is on; None where it is on none, or is no longer there.

        Raises:
            LostMachineError: It is on one, which cannot be found any more.
        """
        try:
            job = jobs.job_of(self._workspace.runs_dir / run)
        except JsonFileError as error:
            raise LostMachineError(str(error)) from error
        if job is None:
            return None
        passed = (datetime.now(timezone.utc) - job.started).total_seconds() / 60
        is_known = job.dollars > 0 and job.minutes > 0
        return RentedFacts(
            job.flavor,
            job.started.astimezone(),
            min(max(passed, 0), job.minutes) * job.dollars if is_known else None,
            job.minutes * job.dollars if is_known else None,
            _end(job) if is_known else None,
            self._problems.get(run, ""),
        )

    def _require_offered(self) -> None:
        if not self.is_offered:
            raise WorkspaceError("Others can reach this app too, so it rents no machines: they would spend your money.")

    def _agreed(self, machine: str, minutes: float) -> Price:
        """Return the price that the person has seen, if it still is that.

        Raises:
            WorkspaceError: They have seen none, or it has risen.
        """
        self._require_offered()
        minutes = self._training.budget(minutes).minutes
        with self._lock:
            seen = self._offers.get((machine, minutes))
        now = seen and {price.flavor: price for price in self.offers(minutes)}.get(machine)
        if seen is None or now is None:
            raise WorkspaceError("Ask what the machines cost for that time first, then choose one.")
        if now.dollars > seen.dollars:
            raise WorkspaceError(f"{machine} costs more by now: {now} Press Start again to take it.")
        return now

    def _send(self, run: RunFolder, cost: Price, minutes: float, is_kept: bool) -> None:
        lock = run.lock()  # nobody trains it here meanwhile
        try:
            jobs.start(run, cost, minutes=minutes, is_kept=is_kept, hub=self._hub)
        finally:
            lock.release()
        self._follow_if_away(run.id)

    def _follow_if_away(self, run: str) -> None:
        with self._lock:
            thread = self._followed.get(run)
            if (thread is None or not thread.is_alive()) and jobs.is_rented(self._workspace.run_dir(run)):
                thread = threading.Thread(target=self._follow, args=(run,), name=f"job-{run}", daemon=True)
                self._followed[run] = thread
                thread.start()

    def _follow(self, run: str) -> None:
        """Follow a job until it is home, however often the Hub cannot be reached meanwhile."""
        while not self._is_closed.is_set():
            try:
                jobs.follow(self._training.open(run), say=logger.info, hub=self._hub)
                self._problems.pop(run, None)
                return
            except RunError:  # somebody follows it at the command line
                pass
            except UserError as error:
                self._problems[run] = str(error)
            except Exception as error:  # any error: the machine costs, so it is tried again
                logger.exception("The rented machine of %s could not be followed", run)
                self._problems[run] = f"{type(error).__name__}: see the terminal."
            if not jobs.is_rented(self._workspace.run_dir(run)):
                return
            self._is_closed.wait(AGAIN_SECONDS)


def _end(job: Job) -> datetime:
    return (job.started + timedelta(minutes=job.minutes)).astimezone()
