import json

import pytest
import torch
from PIL import ImageFilter

from editor.benchmarks.scoring import score
from editor.images import to_image, to_tensor
from editor.metrics import frechet
from editor.metrics.efficientnet import WEIGHTS, EfficientNetLite0
from editor.metrics.frechet import FrechetDistance, frechet_distance
from editor.metrics.judges import Judges
from editor.metrics.report import evaluate
from editor.pairs.store import PairStore
from tests.conftest import draw_toy_pair

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def drawings() -> torch.Tensor:
    return torch.stack([to_tensor(draw_toy_pair(seed, 64)[0]) for seed in range(4)])


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A stand-in for the package with random weights, which raises an error when it is imported."""
    torch.manual_seed(0)
    folder = tmp_path / "networks_for_tests"
    (folder / WEIGHTS).parent.mkdir(parents=True)
    torch.save(EfficientNetLite0().state_dict(), folder / WEIGHTS)
    (folder / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(frechet, "PACKAGE", "networks_for_tests")
    return folder


def test_it_is_that_of_the_matrices_where_they_are_regular():
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(40, 5, generator=generator, dtype=torch.float64) * scale for scale in (1.0, 2.0))
    a[:, 0] += 3
    product = torch.cov(a.T) @ torch.cov(b.T)
    root = torch.linalg.eigvals(product).sqrt().real.sum()
    expected = (a.mean(0) - b.mean(0)).square().sum() + torch.cov(a.T).trace() + torch.cov(b.T).trace() - 2 * root
    assert frechet_distance(a, b) == pytest.approx(expected.item(), rel=1e-9)


def test_of_one_feature_it_is_the_textbook_formula():
    a, b = torch.tensor([[0.0], [2.0]]), torch.tensor([[5.0], [11.0]])
    assert frechet_distance(a, b) == pytest.approx((8 - 1) ** 2 + (18**0.5 - 2**0.5) ** 2)


def test_equal_sets_have_none_although_their_covariances_are_singular():
    a = torch.rand(7, 1280)
    assert frechet_distance(a, a.flip(0)) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 1) == pytest.approx(1280, rel=1e-6)


def test_one_picture_is_no_set():
    assert frechet_distance(torch.rand(1, 8), torch.rand(5, 8)) is None


def test_where_nothing_is_installed_there_is_none(package, monkeypatch):
    (package / WEIGHTS).unlink()
    assert FrechetDistance.find(CPU) is None
    monkeypatch.setattr(frechet, "PACKAGE", "no_such_package_anywhere")
    assert FrechetDistance.find(CPU) is None
    assert frechet.MISSING in Judges.find(CPU).notes


def test_evaluate_and_benchmark_show_it(package, tmp_path, drawings):
    measure = FrechetDistance.find(CPU)
    store = PairStore(tmp_path / "pairs")
    for seed in range(3):
        store.add(f"{seed}", *draw_toy_pair(seed))
    report = evaluate(lambda image: image, store, size=32, judges=Judges(frechet=measure)).to_dict()
    assert report["frechet"] == report["do_nothing"]["frechet"] > 0
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert "frechet" not in evaluate(lambda image: image, store, size=32).to_dict()

    figures = score(x=drawings, y_hat=drawings.flip(-1), y=drawings, judges=Judges(frechet=measure))
    assert figures.frechet == pytest.approx(measure(drawings.flip(-1), drawings)) and figures.frechet > 0
    assert score(x=drawings, y_hat=drawings, y=drawings).frechet is None


def test_more_blur_and_more_noise_are_further_away(drawings):
    measure = FrechetDistance.find(CPU)
    if measure is None:
        pytest.skip("the package with the weights is not installed")
    sharp = measure.features(drawings)
    assert frechet_distance(sharp, sharp.flip(0)) == pytest.approx(0, abs=1e-4)
    blurred = [
        torch.stack([to_tensor(to_image(image).filter(ImageFilter.GaussianBlur(radius))) for image in drawings])
        for radius in (0.5, 1, 3)
    ]
    noise = torch.randn(drawings.shape, generator=torch.Generator().manual_seed(0))
    noisy = [drawings + amount * noise for amount in (0.05, 0.15, 0.5)]
    for worse_and_worse in (blurred, noisy):
        distances = [frechet_distance(measure.features(images), sharp) for images in worse_and_worse]
        assert distances == sorted(distances) and distances[0] > 0.1
