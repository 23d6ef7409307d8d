"""Shared by all tests: a 32 px model and a toy effect that it can learn in seconds."""

import gc
import os
import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from filelock import FileLock
from PIL import Image, ImageDraw
from xdist.remote import Producer

from editor.config import (
    AutoencoderConfig,
    DetailConfig,
    EmbedderConfig,
    EstimatorConfig,
    OptimizerConfig,
    RunConfig,
    TransformerConfig,
)
from editor.grain import NUM_TONES, Grain
from editor.memory import keep_for_good
from editor.pairs.store import PairStore
from editor.pasting import placing
from editor.training import forecast
from editor.training.run_folder import RunFolder
from tests import lanes

torch.set_num_threads(1)  # nothing here is large enough for two, and the other core is for servers and browsers
forecast.SECONDS = 0  # the fewest steps, before each training
# Previews and first edits register cutouts to answers, which takes longer than all else with a network as small as this
# and is rejected for the toy effect anyway. A test that looks at what is pasted uses `placed_well`.
PLACED_WELL = {"ROUNDS": placing.ROUNDS, "STAGES": placing.STAGES}
placing.ROUNDS, placing.STAGES = 2, tuple(stage._replace(rounds=2) for stage in placing.STAGES)

TINY = RunConfig(
    image_size=32,
    estimator=EstimatorConfig(channels=(16, 16)),
    embedder=EmbedderConfig(patch_size=8),
    autoencoder=AutoencoderConfig(channels=(16, 24, 32), latent_channels=8),
    transformer=TransformerConfig(hidden_size=32, depth=1, num_heads=2, patch_size=1),
    optimizer=OptimizerConfig(batch_size=4, warmup_steps=10),
    detail=DetailConfig(mode="off"),
    color_map="off",  # the toy effect is a map from color to color, and the network has to learn it
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items.sort(key=lambda item: lanes.rank(item.nodeid))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the garbage collector modules and tests, all of which stay: while they are made, and ever after."""
    gc.disable()
    try:
        return (yield)
    finally:
        keep_for_good()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> lanes.LaneScheduling:
    """Share the tests by lanes."""
    return lanes.LaneScheduling(config, log)


@pytest.fixture
def tiny_config() -> RunConfig:
    """The smallest model with every part of the real one."""
    return TINY


@pytest.fixture(scope="module")
def placed_well():
    """Place cutouts as finely as the app does, until the end of the module."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in PLACED_WELL.items():
            patch.setattr(placing, name, value)
        yield


def draw_toy_pair(seed: int, size: int = 32) -> tuple[Image.Image, Image.Image]:
    """A disc somewhere on a shaded ground; the effect paints the disc blue and leaves the ground alone."""
    random = np.random.default_rng(seed)
    ground = random.integers(90, 200, size=3)
    shade = np.linspace(-30, 30, size)[:, None, None] * random.uniform(-1, 1)
    picture = np.clip(ground + shade + np.zeros((size, size, 3)), 0, 255).astype(np.uint8)
    source, target = Image.fromarray(picture), Image.fromarray(picture)
    radius = random.uniform(0.2, 0.3) * size
    x, y = random.uniform(0.35, 0.65, size=2) * size
    box = (x - radius, y - radius, x + radius, y + radius)
    ImageDraw.Draw(source).ellipse(box, fill=(220, 60, 40))
    ImageDraw.Draw(target).ellipse(box, fill=(40, 60, 220))
    return source, target


def fill_with_toy_pairs(store: PairStore, count: int, first_seed: int = 0) -> PairStore:
    store.add_all((f"{seed:04d}", *draw_toy_pair(seed)) for seed in range(first_seed, first_seed + count))
    return store


@pytest.fixture
def toy_store(tmp_path) -> PairStore:
    """Eight toy pairs on disk, one of them held out."""
    return fill_with_toy_pairs(PairStore(tmp_path / "pairs"), 8)


@pytest.fixture
def fresh_run(tmp_path, toy_store, tiny_config) -> RunFolder:
    """A run that has not been trained."""
    return RunFolder.create(tmp_path / "runs" / "toy", config=tiny_config, store=toy_store, effect="toy")


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory) -> RunFolder:
    """A run that has learned the toy effect: a few seconds once for all tests, of all workers. Only read it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # that of all workers
    path = root / "trained" / "runs" / "toy"
    with FileLock(root / "trained.lock"):
        if not path.exists():
            train_toy(root / "trained.tmp")
            (root / "trained.tmp").rename(root / "trained")
    return RunFolder.open(path)


def train_toy(root: Path) -> None:
    from editor.config import Budget
    from editor.training import cadence
    from editor.training.recording import record

    store = fill_with_toy_pairs(PairStore(root / "pairs"), 16)
    config = replace(TINY, optimizer=replace(TINY.optimizer, batch_size=8, learning_rate=3e-3))
    run = RunFolder.create(root / "runs" / "toy", config=config, store=store, effect="toy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cadence, "REPORT_SECONDS", 0)  # so its curves are the same on every machine
        for _ in record(run, device=torch.device("cpu"), budget=Budget(steps=250)):
            pass


@pytest.fixture(scope="module")
def editor(trained_run):
    """An editor of the trained run. Only edit with it."""
    from editor.editing.editor import Editor

    return Editor.load(trained_run.path, "cpu")


@pytest.fixture(scope="session")
def pasting(trained_run):
    """The trained run as graphs of ONNX, one that pastes: to write them takes seconds. Only read it."""
    from editor.editing.editor import Editor
    from editor.sharing.onnx_graph import graphs_of

    with pytest.MonkeyPatch.context() as patch:
        for name, value in PLACED_WELL.items():
            patch.setattr(placing, name, value)
        patch.setattr(Editor, "adds", True)
        return graphs_of(trained_run)


@pytest.fixture(scope="session")
def ink():
    """The run of the sample effect with a detail filter, as graphs of ONNX."""
    from editor.sharing.onnx_graph import ASSETS, graphs_of

    return graphs_of(RunFolder.open(ASSETS / "samples" / "ink"))


@pytest.fixture
def short_clips(monkeypatch):
    """Clips that show an edit have four frames: before, half, after, half."""
    from editor.views import clip

    monkeypatch.setattr(clip, "NUM_WIPED", 1)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A stand-in of the Hub, to which everything that huggingface_hub does goes; this machine is logged in as "me"."""
    from tests.standins.hub import MINE, logged_in

    with logged_in(monkeypatch, tmp_path / "cache", MINE) as hub:
        yield hub


@pytest.fixture
def cloud(tmp_path):
    """A stand-in of the Hub's rented machines, each of which is a process of this one."""
    from tests.standins.jobs import StandInJobs

    cloud = StandInJobs(tmp_path / "cloud")
    cloud.root.mkdir()
    yield cloud
    cloud.close()


@pytest.fixture
def services(tmp_path):
    """The one object behind the pages, on a workspace of its own."""
    from tests.services import open_services

    with open_services(tmp_path / "workspace") as services:
        yield services


@pytest.fixture
def trained(services, trained_run):
    """The id of a finished run that was made elsewhere and copied into the workspace."""
    shutil.copytree(trained_run.path, services.workspace.runs_dir / "toy")
    return "toy"


@pytest.fixture(scope="session")
def film_grain() -> Grain:
    """Colored grain, a little coarser than a pixel, strongest in the middle tones."""
    tones = np.linspace(-1, 1, NUM_TONES)
    return Grain(
        kernel=np.array([0, 0, 0, 0.4, 0.82, 0.4, 0, 0, 0], np.float32),
        mixing=np.array([[1, 0, 0], [0.6, 0.8, 0], [0.6, 0, 0.8]], np.float32),
        amplitude=np.stack(3 * [8 - 4 * tones**2]).astype(np.float32),
    )
