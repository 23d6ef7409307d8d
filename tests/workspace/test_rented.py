"""Runs on a rented machine, as the pages see them; a local process stands in for the machine, see `standins.jobs`."""

import pytest

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.json_files import JsonFileError
from editor.sharing import jobs
from editor.ui.tabs.share import rent_card
from editor.workspace import WorkspaceError
from editor.workspace.rented import Rented
from tests.conftest import TINY

MINUTES = 0.05
PATIENCE = 300  # seconds


@pytest.fixture
def rented(services, cloud):
    services.rented = Rented(services.workspace, services.training, is_offered=True, hub=cloud.hub)
    yield services.rented
    services.rented.close()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"format": 1, "id": 5}', '{"minutes": 1e300}', '{"format": 1, "id": "a/b"}']
)
def test_a_run_whose_job_cannot_be_read_says_so_and_stays_an_ordinary_run(services, rented, trained, text):
    path = services.training.open(trained).path / jobs.JOB_NAME
    path.write_text(text)
    status = services.training.status(trained)
    assert status.state != "rented"
    card = rent_card.render(services, status)
    assert "cannot be found any more" in card and "job.json is damaged" in card and "jobs" in card.lower()
    with pytest.raises(JsonFileError):
        rented.cancel(trained)
    services.library.delete_run(trained)
    assert "cannot be found" not in rent_card.render(services, status), "a run that is gone was sent nowhere"


def test_a_job_of_a_newer_version_is_left_alone(services, rented, trained):
    (services.training.open(trained).path / jobs.JOB_NAME).write_text('{"format": 99}')
    assert services.training.status(trained).state == "rented"
    assert "newer version" in rent_card.render(services, services.training.status(trained))
    with pytest.raises(UserError, match="on a rented machine"):
        services.library.delete_run(trained)


def test_a_run_is_sent_away_found_again_after_a_restart_and_comes_home(services, rented, cloud):
    effect = services.workspace.effects()[0].slug
    assert [price.flavor for price in rented.offers(MINUTES)] == ["cpu-basic", "t4-small"]
    cloud.most_lines = 0  # the connection breaks at once
    run = rented.start(effect, TINY, "t4-small", MINUTES)
    rented.close()
    rented._followed[run].join(PATIENCE)
    status = services.training.status(run)
    assert status.state == "rented" and status.is_live and status.run.effect_slug == effect
    facts = rented.facts(run)
    assert (
        facts.machine == "t4-small" and facts.most == pytest.approx(0.00667 * 10.05) and 0 <= facts.cost <= facts.most
    )
    assert "Follow it again" in facts.problem and facts.ends > facts.started
    folder = services.training.open(run).path
    for ask in (
        lambda: services.training.resume(run, 1),
        lambda: services.library.delete_run(run),
        lambda: services.library.rename_run(run, "Another"),
        lambda: rented.resume(run, "t4-small", MINUTES),
        lambda: jobs.require_home(folder),
    ):
        with pytest.raises(UserError, match="on a rented machine"):
            ask()

    cloud.most_lines = None
    again = Rented(services.workspace, services.training, is_offered=True, hub=cloud.hub)
    again._followed[run].join(PATIENCE)
    status = services.training.status(run)
    assert status.state == "finished" and status.history.losses and again.facts(run) is None
    assert not [path for path in (cloud.root / "me").rglob("*") if path.is_file()], "nothing of it is left there"
    Editor.load(folder, "cpu")
    assert "hf_" not in (folder / "events.jsonl").read_text()


def test_nothing_is_rented_for_a_price_that_nobody_has_seen(services, rented, cloud, monkeypatch):
    effect = services.workspace.effects()[0].slug
    for machine in ("t4-small", "h900", "<b>"):
        with pytest.raises(WorkspaceError, match="Ask what the machines cost"):
            rented.start(effect, TINY, machine, MINUTES)
    rented.offers(1.0)
    with pytest.raises(WorkspaceError, match="for that time"):
        rented.start(effect, TINY, "t4-small", 2.0)
    monkeypatch.setitem(cloud.prices, "t4-small", 9.0)
    with pytest.raises(WorkspaceError, match=r"costs more by now.*at most \$99.00"):
        rented.start(effect, TINY, "t4-small", 1.0)
    for minutes in (0, float("nan"), None, 10**9):
        with pytest.raises(WorkspaceError, match="training time"):
            rented.offers(minutes)
    assert not cloud.jobs and not services.training.runs()


def test_what_cannot_be_sent_leaves_nothing(services, rented, cloud, trained):
    cloud.public.add(f"me/{jobs.BUCKET}")
    rented.offers(1.0)
    with pytest.raises(jobs.JobError, match="is public"):
        rented.start(services.workspace.effects()[0].slug, TINY, "t4-small", 1.0)
    assert [run.id for run in services.training.runs()] == [trained]
    with pytest.raises(jobs.JobError, match="is public"):
        rented.resume(trained, "t4-small", 1.0)
    assert services.training.status(trained).state == "finished"
    with pytest.raises(jobs.JobError, match="on no rented machine"):
        rented.cancel(trained)


def test_an_app_that_others_reach_rents_nothing(services, trained):
    for ask in (
        lambda: services.rented.offers(1.0),
        lambda: services.rented.start("toy", TINY, "t4-small", 1.0),
        lambda: services.rented.resume(trained, "t4-small", 1.0),
        lambda: services.rented.cancel(trained),
    ):
        with pytest.raises(WorkspaceError, match="spend your money"):
            ask()
