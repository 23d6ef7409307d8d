"""Training on a rented machine, which a local process stands in for: it runs the command that the machine would."""

import json

import pytest

from editor import Editor
from editor.cli import app
from editor.config import Budget
from editor.errors import UserError
from editor.hub import HubError
from editor.pairs.store import PairStore
from editor.sharing import jobs
from editor.training.history import read_history
from editor.training.run_folder import RunError, RunFolder
from tests.conftest import TINY, fill_with_toy_pairs
from tests.standins.jobs import StandInJobs

MINUTES = 0.001  # a few steps
LONGER = 0.05


@pytest.fixture
def run(tmp_path):
    store = PairStore(tmp_path / "pairs")
    fill_with_toy_pairs(store, 8)
    return RunFolder.create(tmp_path / "run", config=TINY, store=store, effect="Toy")


def begin(run, cloud, *, minutes=MINUTES, **more):
    cost = jobs.price("t4-small", Budget(minutes=minutes), cloud.hub)
    return jobs.start(run, cost, minutes=minutes, hub=cloud.hub, **more)


def left(cloud):
    return [path for path in (cloud.root / "me").rglob("*") if path.is_file()]


def test_the_price_is_told_before(cloud):
    cost = jobs.price("t4-small", Budget(minutes=20), cloud.hub)
    assert str(cost).startswith("t4-small (T4-SMALL, 2 vCPU, 16 GB): $0.0067 a minute")
    assert str(cost).endswith("after 30 minutes at the latest, so at most $0.20.")
    with pytest.raises(jobs.JobError, match="no machine 'h900'. Choose one of cpu-basic, t4-small"):
        jobs.price("h900", Budget(minutes=20), cloud.hub)
    with pytest.raises(jobs.JobError, match="give --minutes"):
        jobs.price("t4-small", Budget(steps=20), cloud.hub)


def test_a_run_comes_home_as_a_normal_run_and_nothing_stays_there(run, cloud):
    cloud.is_cold = True
    begin(run, cloud, minutes=LONGER)
    (call,) = [kwargs for name, _, kwargs in cloud.calls if name == "run_job"]
    assert call["timeout"] == 603 and call["flavor"] == "t4-small"
    said = []
    jobs.follow(run, hub=cloud.hub, say=said.append)
    history = read_history(run)
    assert history.state == "finished" and history.previews and history.losses
    assert all(run.preview_path(history.previews[-1].step, name).is_file() for name in history.previews[-1].pictures)
    Editor.load(run.path, "cpu")
    assert jobs.job_of(run.path) is None and not left(cloud)
    assert said == [
        f"The machine has ended (completed), and the run is in {run.path}. Nothing of it is left on the Hub."
    ]
    lines = run.events_path.read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines].count("Started") == 1


def test_only_what_a_training_needs_goes_there(run, cloud):
    (run.path.parent / "pairs" / "originals").mkdir()
    begin(run, cloud, is_kept=True)
    names = {path.relative_to(cloud.root / "me" / jobs.BUCKET).parts[1] for path in left(cloud)}
    assert names == {"code", "run"}
    assert not [path for path in left(cloud) if "ui" in path.parts or "token" in path.name]
    jobs.follow(run, hub=cloud.hub)
    assert left(cloud)  # it was to be kept


def test_a_closed_laptop_finds_its_job_again(run, cloud):
    begin(run, cloud, minutes=LONGER)  # it is still at it when the log breaks off
    cloud.most_lines = 2
    with pytest.raises(HubError, match="log of the job has ended, but not the job|Follow it again"):
        jobs.follow(run, hub=cloud.hub)
    assert jobs.job_of(run.path).id == "job0"
    with pytest.raises(jobs.JobError, match="on a rented machine already"):
        begin(run, cloud)
    cloud.most_lines = None
    jobs.follow(RunFolder.open(run.path), hub=cloud.hub)
    kinds = [json.loads(line)["kind"] for line in run.events_path.read_text().splitlines()]
    assert kinds.count("Started") == kinds.count("Finished") == 1


def test_a_job_can_be_cancelled(run, cloud):
    cloud.is_idle = True
    begin(run, cloud)
    jobs.cancel(run, cloud.hub)
    said = []
    jobs.follow(run, hub=cloud.hub, say=said.append)
    assert "(canceled)" in said[0] and not left(cloud) and jobs.job_of(run.path) is None
    with pytest.raises(jobs.JobError, match="on no rented machine"):
        jobs.cancel(run, cloud.hub)


def test_two_cannot_follow_at_once(run, cloud):
    cloud.is_idle = True
    begin(run, cloud)
    lock = run.lock()
    try:
        with pytest.raises(RunError):
            jobs.follow(run, hub=cloud.hub)
    finally:
        lock.release()


def test_pairs_never_go_into_a_public_bucket(run, cloud):
    cloud.public.add(f"me/{jobs.BUCKET}")
    with pytest.raises(jobs.JobError, match="is public"):
        begin(run, cloud)
    assert not left(cloud) and not cloud.jobs


def test_a_machine_that_cannot_be_had_leaves_nothing_there(run, cloud, monkeypatch):
    monkeypatch.setattr(StandInJobs, "run_job", lambda self, **_: (_ for _ in ()).throw(ConnectionError("no credit")))
    with pytest.raises(ConnectionError):
        begin(run, cloud)
    assert not left(cloud) and jobs.job_of(run.path) is None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Collecting torch",
        "{",
        '{"kind": "Started"}',
        '{"kind": "<script>"}',
        '{"a": ' + "[" * 100_000,
        "[1]",
        "null",
    ]
    + [
        '{"format": 1, "kind": "Preview", "step": 1, "seconds": 1.0, "psnr": 1.0, "ssim": 1.0, "is_held_out": true, '
        '"is_base": null, "pictures": ["../../evil"]}'
    ],
    ids=range(9),
)
def test_of_a_log_only_events_are_believed(line):
    assert jobs._event(line) is None


def test_no_token_goes_to_the_machine(run, cloud, monkeypatch):
    cloud.is_idle = True
    monkeypatch.setenv("HF_TOKEN", "hf_secret_of_me")
    begin(run, cloud)
    assert "hf_secret" not in repr(cloud.calls)
    assert not [path for path in run.path.rglob("*") if path.is_file() and b"hf_secret" in path.read_bytes()]


def test_the_command_line_asks_for_the_money_trains_and_brings_home(run, cloud, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(jobs, "Hub", lambda: cloud.hub)
    train = [
        "train",
        str(tmp_path / "pairs"),
        "--run",
        str(tmp_path / "new"),
        "--on",
        "t4-small",
        "--minutes",
        str(MINUTES),
    ]
    with pytest.raises(UserError, match="That costs money. Give --yes"):
        app(train, standalone_mode=False)
    assert not (tmp_path / "new").exists() and not cloud.jobs
    app([*train, "--size", "32", "--yes"], standalone_mode=False)
    assert read_history(RunFolder.open(tmp_path / "new")).state == "finished"
    said = capsys.readouterr().out
    assert "at most $0.07" in said and "Nothing of it is left on the Hub." in said
    cloud.is_idle = True
    begin(run, cloud)
    app(["job", str(run.path), "--cancel"], standalone_mode=False)
    assert "(canceled)" in capsys.readouterr().out
