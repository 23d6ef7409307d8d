"""Training in slices with the real package `spaces`, for whose service something stands in, see `standins.zero_gpu`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from editor.pairs.store import PairStore
from editor.training import slices
from editor.training.history import read_history
from editor.training.run_folder import RunFolder
from tests.conftest import TINY, fill_with_toy_pairs
from tests.standins.zero_gpu import zero_gpu

pytest.importorskip("spaces", reason="the package spaces is not installed")

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys
import spaces
from contextvars import Context
from pathlib import Path
from types import SimpleNamespace
from gradio.context import LocalContext
from editor.config import Budget
from editor.training import slices
from editor.training.control import Control
from editor.training.run_folder import RunFolder
from tests.standins.zero_gpu import without_gpu

without_gpu()
context, borrower = Context(), slices.Borrower()
headers = type("Headers", (dict,), {})({"x-ip-token": "e30.eyJ1c2VyIjogImFkYSJ9.e30"})
context.run(LocalContext.request.set, SimpleNamespace(headers=headers))
borrower.renew(context)
run = RunFolder.open(Path(sys.argv[1]))
for line in slices.train_in_slices(run, borrower=borrower, budget=Budget(steps=400), control=Control(), seconds=0.1):
    print(json.loads(line)["kind"])
"""


def test_each_slice_is_charged_to_the_visitor_and_a_used_up_quota_keeps_what_was_learned(tmp_path):
    store = PairStore(tmp_path / "pairs")
    fill_with_toy_pairs(store, 6)
    run = RunFolder.create(tmp_path / "run", config=TINY, store=store, effect="Toy")
    with zero_gpu(most=2) as service:
        address = f"http://127.0.0.1:{service.server_port}"
        env = {**os.environ, "SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": address, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(run.path)],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    kinds = [line for line in done.stdout.splitlines() if line in {"Started", "Finished", "Failed"}]
    assert kinds == ["Started", "Finished", "Started", "Finished", "Failed"]
    assert service.tokens == ["e30.eyJ1c2VyIjogImFkYSJ9.e30"] * 3 and service.given_back == 2
    history = read_history(run)
    assert "You have exceeded your" in history.message and history.step > 0 and history.saved_step == history.step
    assert "What was learned is kept" in history.message and slices.NO_PAGE not in history.message
    assert not json.dumps(history.message).count("<")  # a sentence, and no HTML
