"""Tasks of toy pairs, and models small enough to be trained in a fraction of a second."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from editor.benchmarks import methods
from editor.benchmarks.pix2pix import improved, published
from editor.benchmarks.results import Cell, CurvePoint, Result
from editor.benchmarks.scoring import Figures
from editor.benchmarks.tasks import Task
from editor.config import PRESETS
from editor.pairs.store import PairStore
from tests.conftest import TINY, fill_with_toy_pairs


@pytest.fixture
def task(tmp_path) -> Task:
    """Six pairs to train on and three to test with."""
    directory = tmp_path / "tasks" / "toy"
    train, test = PairStore(directory / "train"), PairStore(directory / "test")
    fill_with_toy_pairs(train, 6)
    fill_with_toy_pairs(test, 3, first_seed=100)
    return Task("toy", train, test)


@pytest.fixture
def small_models(monkeypatch):
    """Replace the presets and the rivals by narrow ones."""
    small = {name: replace(TINY, preset=name, image_size=config.image_size) for name, config in PRESETS.items()}
    monkeypatch.setattr(methods, "PRESETS", MappingProxyType(small))
    rivals = {"pix2pix": lambda size: replace(published(size), width=8)}
    rivals["pix2pix-star"] = lambda size: replace(improved(size), width=8)
    monkeypatch.setattr(methods, "RIVALS", MappingProxyType(rivals))


@pytest.fixture
def make_result():
    """Return a function that makes a result with invented figures."""

    def make(method="ours", task="a", shots=20, minutes=1.0, seed=0, psnr=30.0, curve=((2.0, 25.0),), lpips=None):
        figures = Figures(
            psnr=psnr,
            ssim=0.9,
            diou=0.8,
            union_diou=0.7,
            error_inside=20.0,
            error_outside=2.0,
            sharpness=0.95,
            sharpness_inside=0.9,
            lpips=lpips,
        )
        return Result(
            cell=Cell(task=task, method=method, shots=shots, minutes=minutes, size=32, seed=seed),
            figures=figures,
            curve=tuple(CurvePoint(*point) for point in (*curve, (60 * minutes, psnr))),
            pairs=shots,
            steps=100,
            seconds=60 * minutes,
            cores_used=1.9,
            parameters=3_500_000,
            seconds_per_edit=0.02,
            peak_memory_mib=800.0,
            machine="A machine",
            settings={},
        )

    return make
