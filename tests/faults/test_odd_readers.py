"""Every odd value in every field of the JSON files of a run that have many fields, or that few runs have.

Each file is read by its own reader, without a page, so that all values cost little. `test_odd_json` shows such files
to a page, with fewer values.
"""

import json
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from editor.errors import UserError
from editor.sharing.jobs import JOB_NAME
from editor.training.history import UNREADABLE, read_history
from editor.training.received import RECEIVED_NAME
from editor.training.run_folder import RunFolder
from editor.workspace.rented import Rented
from tests.faults.sentences import check_sentence
from tests.faults.test_odd_json import RARE, spoiled, spoilings

AT = {"format": 1, "step": 9, "seconds": 1.5}
EVENTS = [
    {
        **{**AT, "kind": "Started", "device": "cpu", "num_pairs": 5, "num_held_out": 1, "chance_shift": 0.5},
        **{
            "color_map": 0.5,
            "has_detail": True,
            "grain": 2.5,
            "unedited_psnr": 20.0,
            "budget_minutes": 3.0,
            "budget_steps": 9,
        },
        "progress": 0.5,
    },
    {
        **{**AT, "kind": "StepDone", "progress": 0.5, "losses": {"target": 0.1}, "learning_rate": 1e-3},
        **{"steps_per_second": 2.0, "eta_seconds": 9.0},
    },
    {**AT, "kind": "Preview", "psnr": 20.0, "ssim": 0.9, "is_held_out": True, "is_base": None, "pictures": ["0001"]},
    {**AT, "kind": "Adjusted", "message": "x"},
    {**AT, "kind": "CheckpointDue"},
    {**AT, "kind": "Paused"},
    {**AT, "kind": "Finished", "was_stopped": True},
    {**AT, "kind": "Failed", "message": "x"},
]


def check_usable(value: Any) -> None:
    """Check that what was read can be sent to a page: numbers are finite, and texts can be encoded."""
    json.dumps(value, default=str, allow_nan=False, ensure_ascii=False).encode()


@pytest.fixture
def rented(run) -> Rented:
    """Knows the machine of the run, and rents none."""
    return Rented(SimpleNamespace(runs_dir=run.path.parent), SimpleNamespace(), is_offered=False)


def test_odd_settings_and_facts_of_a_run_are_refused_or_of_use(run):
    (run.path / RECEIVED_NAME).write_text(json.dumps(RARE[RECEIVED_NAME]))
    assert RunFolder.open(run.path).received.agreement == 40
    for name in ("config.json", RECEIVED_NAME):
        refused = 0
        for what, data in spoilings((run.path / name).read_bytes()):
            with spoiled(run.path / name, data, what):
                try:
                    read = RunFolder.open(run.path)
                except UserError as error:
                    refused += bool(check_sentence(str(error)))
                else:
                    check_usable([read.config.to_dict(), read.received and read.received.model_dump()])
        assert refused


def test_an_odd_job_is_refused_or_tells_what_a_machine_costs(run, rented):
    path = run.path / JOB_NAME
    path.write_text(json.dumps(RARE[JOB_NAME]))
    assert rented.facts(run.id).most == pytest.approx(0.15)
    refused = 0
    for what, data in spoilings(path.read_bytes()):
        with spoiled(path, data, what):
            try:
                check_usable(rented.facts(run.id))
            except UserError as error:
                refused += bool(check_sentence(str(error)))
    assert refused


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["kind"])
def test_an_odd_event_is_told_or_of_use(run, event):
    run.events_path.write_text(json.dumps(event))
    told = 0
    for what, data in spoilings(run.events_path.read_bytes()):
        with spoiled(run.events_path, data + b"\n", what):
            history = read_history(run)
            check_usable(asdict(history))
            assert history.step >= 0
            told += history.message in UNREADABLE.values()
    assert told
