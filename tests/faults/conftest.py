"""A valid run and a server with valid folders, of which each test damages one thing."""

import os
import shutil
import socket

import pytest
import torch
from hypothesis import HealthCheck, settings

from editor.models.editing_model import EditingModel
from editor.pairs.store import PairStore
from editor.training.checkpoint import save_weights
from editor.training.run_folder import RunFolder
from editor.workspace import Workspace
from tests.conftest import TINY, fill_with_toy_pairs
from tests.faults.quick_app import PROGRAM
from tests.faults.server import Page, Server, serving

# The same examples at every run. HYPOTHESIS_PROFILE=long looks for new ones, for as long as one likes to wait.
SHARED = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
settings.register_profile("steady", max_examples=40, derandomize=True, **SHARED)
settings.register_profile("long", max_examples=2000, **SHARED)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory) -> RunFolder:
    """A run with random weights: everything that loading reads is there. Only read it."""
    root = tmp_path_factory.mktemp("whole")
    store = fill_with_toy_pairs(PairStore(root / "pairs"), 6)
    run = RunFolder.create(root / "run", config=TINY, store=store, effect="toy")
    torch.manual_seed(0)
    save_weights(run.weights_path, EditingModel(run.config), step=3)
    return run


@pytest.fixture
def run(whole_run, tmp_path) -> RunFolder:
    """A copy of it, to be damaged."""
    return RunFolder.open(shutil.copytree(whole_run.path, tmp_path / "run"))


@pytest.fixture(scope="session")
def server(tmp_path_factory, whole_run) -> Server:
    """The real app on a workspace with the effect "toy" and the run "toy"."""
    workspace = Workspace(tmp_path_factory.mktemp("server") / "workspace")
    with workspace.open():
        workspace.create_effect("Toy", fill=lambda store: fill_with_toy_pairs(store, 3))
        shutil.copytree(whole_run.path, workspace.runs_dir / "toy")
    with serving(workspace.root, program=PROGRAM) as server:
        yield server


@pytest.fixture(scope="module")
def opened(server) -> Page:
    """A page that has just been opened."""
    page = Page(server.url)
    assert page.look().success
    yield page
    page.http.close()


@pytest.fixture
def elsewhere():
    """The address of a picture on another server. The test fails if anything connects to it (request forgery)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/secret.png"
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.fixture
def tab(opened) -> Page:
    """The page; after the test, checks that the server still answers."""
    yield opened
    assert opened.http.get("/gradio_api/queue/status").status_code == 200
