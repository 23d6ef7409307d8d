"""Training on a rented machine: a Hugging Face Job, which reads the run from a private bucket and writes it back there.

```
start      RUN -> bucket -> job; RUN/job.json says which job it is
follow     the job's log -> RUN/events.jsonl, by which every page shows it live, with the previews of the bucket;
           at the end bucket -> RUN, and what is in the bucket is deleted
```

Whoever follows holds the run's lock, as a training here would. Where following ends early (Ctrl-C, a closed laptop),
the job goes on, and following it again catches up.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated, NamedTuple

import huggingface_hub
from pydantic import BaseModel, Field

from editor.config import MAX_MINUTES, Budget
from editor.errors import UserError
from editor.files import parse_json
from editor.hub import Hub, HubError, in_words
from editor.json_files import JsonFileError, JsonFormat, NewerFileError
from editor.sharing.job_worker import bring_back
from editor.training.events import from_json
from editor.training.run_folder import RunFolder
from editor.validation import Amount, Count, Moment, Text, between

PROJECT = Path(__file__).parents[2]
BUCKET = "jobs-artifacts"  # huggingface_hub's own name for what jobs need
MOUNT = "/job"
IMAGE = "pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime"
LEFT_OUT = (
    "torch",
    "torchvision",
    "gradio",
    "jinja2",
    "huggingface_hub",
    "onnx",
)  # in the image, or of no use to a training
START_MINUTES = 10  # that a job may take on top, to install what it needs and to write back
MAX_LINE = 64 * 2**10  # characters of a line of a log
ENDED = ("COMPLETED", "CANCELED", "ERROR", "DELETED")
JOB = JsonFormat()
JOB_NAME = "job.json"
WHAT = "Hugging Face Jobs"


class JobError(UserError):
    """A job that cannot be started, found or brought home. The message is for a person."""


class Job(BaseModel):
    """What `job.json` says: nothing secret, and all that finds the job again.

    Attributes:
        id: Of the job.
        owner: In whose name it runs.
        flavor: What machine.
        started: When.
        folder: Place of the run in the owner's bucket `BUCKET`.
        lines_before: Lines of `events.jsonl` when it was started; what follows them is from the job.
        is_kept: Whether the copy in the bucket stays.
        dollars: What a minute of it costs; 0 where an older version did not write it down.
        minutes: After which it is stopped, whatever it does.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    owner: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
    flavor: Text
    started: Moment
    folder: Annotated[str, Field(pattern=r"^pairbrush-[A-Za-z0-9._-]{1,200}$")]
    lines_before: Count
    is_kept: bool = False
    dollars: Amount = 0.0
    minutes: Annotated[float, between(0, MAX_MINUTES + START_MINUTES)] = 0.0

    @property
    def place(self) -> str:
        """Address of the bucket's folder."""
        return f"hf://buckets/{self.owner}/{BUCKET}/{self.folder}"


class Price(NamedTuple):
    """What a machine costs.

    Attributes:
        flavor: Name of the machine.
        described: For a person.
        dollars: Per minute.
        minutes: After which it is stopped, whatever it does.
    """

    flavor: str
    described: str
    dollars: float
    minutes: float

    def __str__(self) -> str:
        most = self.dollars * self.minutes
        return (
            f"{self.flavor} ({self.described}): ${self.dollars:.4f} a minute, from start to end of the machine. "
            f"It is stopped after {self.minutes:.0f} minutes at the latest, so at most ${most:.2f}."
        )


def prices(budget: Budget, hub: Hub | None = None) -> list[Price]:
    """Return what a training costs on each machine that is billed by the minute, the cheapest first.

    Args:
        budget: How long to train; a number of steps has no price.
        hub: As whom; None for the one that this machine is logged in as.

    Raises:
        JobError: It is a number of steps.
        HubError: The Hub cannot be asked.
    """
    if budget.minutes is None:
        raise JobError("On a rented machine give --minutes: what a number of steps costs is not known.")
    with in_words(WHAT):
        machines = [each for each in (hub or Hub()).api().list_jobs_hardware() if each.unit_label == "minute"]
    found = [
        Price(
            machine.name,
            ", ".join([machine.pretty_name, machine.cpu, machine.ram]),
            machine.unit_cost_usd,
            budget.minutes + START_MINUTES,
        )
        for machine in machines
    ]
    return sorted(found, key=lambda each: each.dollars)


def price(flavor: str, budget: Budget, hub: Hub | None = None) -> Price:
    """Ask what a training costs on one machine, such as "t4-small"; see `prices`.

    Raises:
        JobError: There is no such machine, or the budget is a number of steps.
        HubError: The Hub cannot be asked.
    """
    offered = {each.flavor: each for each in prices(budget, hub)}
    if flavor not in offered:
        raise JobError(f"There is no machine {flavor!r}. Choose one of {', '.join(offered)}.")
    return offered[flavor]


def start(run: RunFolder, cost: Price, *, minutes: float, is_kept: bool = False, hub: Hub | None = None) -> Job:
    """Upload a run with its pairs, at the model's size, to a private bucket, and start a job that trains it there.

    Args:
        run: A run that nobody trains.
        cost: What a person has agreed to, see `price`.
        minutes: To train.
        is_kept: Whether the copy in the bucket stays when the run is home.
        hub: As whom; None for the one that this machine is logged in as.

    Raises:
        JobError: It runs already, or others could see what is in the bucket.
        HubError: The Hub refuses. Nothing is left there.
        OSError: The disk is full.
    """
    if is_rented(run.path):
        raise JobError(
            f"{run.name} is on a rented machine already. Look after it with: python -m editor job {run.path}"
        )
    hub = hub or Hub()
    api = hub.api()
    with in_words(WHAT):
        owner = api.whoami()["name"]
        api.create_bucket(f"{owner}/{BUCKET}", private=True, exist_ok=True)
        if not api.bucket_info(f"{owner}/{BUCKET}").private:
            raise JobError(f"The bucket {owner}/{BUCKET} is public. Make it private on the Hub first.")
        now = datetime.now(timezone.utc)
        folder = f"pairbrush-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        place = f"hf://buckets/{owner}/{BUCKET}/{folder}"
        try:
            with tempfile.TemporaryDirectory(prefix="pairbrush-") as scratch:
                _pack(run, Path(scratch))
                api.sync_bucket(scratch, place, quiet=True)
            volume = huggingface_hub.Volume(
                type="bucket", source=f"{owner}/{BUCKET}", mount_path=MOUNT, path=folder, read_only=False
            )
            begun = api.run_job(
                image=IMAGE,
                command=command(minutes),
                flavor=cost.flavor,
                timeout=round(60 * cost.minutes),
                labels={"app": "pairbrush"},
                volumes=[volume],
                namespace=owner,
            )
        except BaseException:
            _delete(api, f"{owner}/{BUCKET}", folder)
            raise
    job = Job(
        id=begun.id,
        owner=owner,
        flavor=cost.flavor,
        started=now.isoformat(),
        folder=folder,
        lines_before=_num_lines(run),
        is_kept=is_kept,
        dollars=cost.dollars,
        minutes=cost.minutes,
    )
    JOB.write(run.path / JOB_NAME, job.model_dump(mode="json"))
    return job


def command(minutes: float) -> list[str]:
    """Return what the machine runs: install what a training needs, then train."""
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    needed = [line for line in lines if line and not line.startswith(("#", *LEFT_OUT))]
    install = "pip install -q " + " ".join(f"'{line}'" for line in needed)
    train = f"python -m editor.sharing.job_worker {MOUNT}/run --minutes {minutes:g}"
    return ["bash", "-c", f"{install} && cd {MOUNT}/code && {train}"]


def is_rented(path: Path) -> bool:
    """Whether the run in a folder is on a rented machine, as far as its folder can say: a damaged file finds no job."""
    try:
        return job_of(path) is not None
    except NewerFileError:
        return True
    except JsonFileError:
        return False


def require_home(path: Path) -> None:
    """Make sure that the run in a folder is on no rented machine: what is done to it here would be lost there.

    Raises:
        JobError: It is on one.
    """
    if is_rented(path):
        raise JobError(
            "This run is learning on a rented machine. Wait until it is home, or stop that machine: in step 5, or with "
            f"python -m editor job {path} --cancel"
        )


def job_of(path: Path) -> Job | None:
    """Return the job that trains the run in a folder, if it is on a rented machine.

    Raises:
        JsonFileError: What the folder says of it cannot be read.
    """
    place = os.path.join(path, JOB_NAME)  # noqa: PTH118 (asked of every run each second; a third of a Path's time)
    return JOB.read_as(Job, Path(place)) if os.path.isfile(place) else None  # noqa: PTH113


def follow(run: RunFolder, *, say: Callable[[str], None] = print, hub: Hub | None = None) -> None:
    """Log what a job prints until it ends; then download the trained run and delete the copy in the bucket.

    Args:
        run: A run that was started with `start`, here or by an earlier process.
        say: Called with sentences for a person.
        hub: As whom; None for the one that this machine is logged in as.

    Raises:
        JobError: It is on no machine.
        RunError: Another process follows it.
        HubError: The Hub cannot be reached; the job goes on, and can be followed again.
    """
    job = job_of(run.path)
    if job is None:
        raise JobError(f"{run.name} is on no rented machine.")
    api = (hub or Hub()).api()
    lock = run.lock()
    try:
        with in_words(WHAT):
            _write_down(api, run, job)
            stage = _stage(api, job)
            _fetch(api, run, job)
            if stage not in ENDED:
                raise HubError("The log of the job has ended, but not the job. Follow it again in a minute.")
            if not job.is_kept:
                _delete(api, f"{job.owner}/{BUCKET}", job.folder)
            (run.path / JOB_NAME).unlink()
    finally:
        lock.release()
    kept = f" The copy in {job.place} is kept." if job.is_kept else " Nothing of it is left on the Hub."
    say(f"The machine has ended ({stage.lower()}), and the run is in {run.path}.{kept}")


def cancel(run: RunFolder, hub: Hub | None = None) -> None:
    """Stop the machine of a run. What it has learned until its last preview comes home with `follow`.

    Raises:
        JobError: It is on no machine.
        HubError: The Hub cannot be reached.
    """
    job = job_of(run.path)
    if job is None:
        raise JobError(f"{run.name} is on no rented machine.")
    with in_words(WHAT):
        api = (hub or Hub()).api()
        if _stage(api, job) not in ENDED:
            api.cancel_job(job_id=job.id, namespace=job.owner)


def _pack(run: RunFolder, folder: Path) -> None:
    """Lay out what the machine needs: the run, and this program without its pages."""
    shutil.copytree(run.path, folder / "run", ignore=shutil.ignore_patterns(".lock", "*.previous.*", "previews"))
    skipped = shutil.ignore_patterns("__pycache__", "ui", "workspace", "samples")
    shutil.copytree(PROJECT / "editor", folder / "code" / "editor", ignore=skipped)


def _stage(api: huggingface_hub.HfApi, job: Job) -> str:
    stage = api.inspect_job(job_id=job.id, namespace=job.owner).status.stage
    return getattr(stage, "value", stage)


def _write_down(api: huggingface_hub.HfApi, run: RunFolder, job: Job) -> None:
    """Append the events of the log that are not written down yet. The log always begins at its start."""
    known = _num_lines(run) - job.lines_before
    for line in api.fetch_job_logs(job_id=job.id, namespace=job.owner, follow=True):
        if (event := _event(line)) is None:
            continue
        if known > 0:
            known -= 1
            continue
        with run.events_path.open("a", encoding="utf-8") as file:
            file.write(event + "\n")
        if '"kind": "Preview"' in event:
            api.sync_bucket(f"{job.place}/run", str(run.path), include=["previews/*"], quiet=True)


def _num_lines(run: RunFolder) -> int:
    return run.events_path.read_bytes().count(b"\n") if run.events_path.is_file() else 0


def _fetch(api: huggingface_hub.HfApi, run: RunFolder, job: Job) -> None:
    """Bring the run home as the machine has left it."""
    with tempfile.TemporaryDirectory(prefix="pairbrush-") as scratch:
        api.sync_bucket(f"{job.place}/run", scratch, quiet=True)
        bring_back(Path(scratch), run.path, {})


def _delete(api: huggingface_hub.HfApi, bucket: str, folder: str) -> None:
    """Delete what lies in a folder of a bucket, and nothing else."""
    found = [item.path for item in api.list_bucket_tree(bucket, folder, recursive=True) if item.type == "file"]
    if ours := [path for path in found if path.startswith(f"{folder}/")]:
        api.batch_bucket_files(bucket, delete=ours)


def _event(line: str) -> str | None:
    """Return a line of a log as a line of `events.jsonl`, or None: programs that install things speak there, too."""
    if len(line) > MAX_LINE or not line.lstrip().startswith("{"):
        return None
    try:
        values = parse_json(line)
        from_json(values)
    except ValueError:
        return None
    return json.dumps(values)
