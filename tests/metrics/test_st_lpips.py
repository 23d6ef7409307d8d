import math

import pytest
import torch
from PIL import Image, ImageFilter

from editor.images import to_tensor
from editor.metrics import st_lpips
from editor.metrics.judges import Judges
from editor.metrics.report import evaluate
from editor.metrics.st_lpips import CONVOLUTIONS, STLPIPS, PerceptualDistance
from editor.pairs.store import PairStore
from tests.conftest import draw_toy_pair

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def fresh() -> STLPIPS:
    torch.manual_seed(0)
    return STLPIPS().eval().requires_grad_(False)


def picture(image: Image.Image) -> torch.Tensor:
    return to_tensor(image)[None]


@pytest.fixture
def drawing() -> Image.Image:
    return draw_toy_pair(3, 96)[0]


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (64, 40)])
def test_one_distance_for_each_picture_of_any_shape(fresh, size):
    a, b = torch.rand(2, 3, 3, *size) * 2 - 1
    distances = fresh(a, b)
    assert distances.shape == (3,) and distances.min() > 0
    assert torch.allclose(distances, fresh(b, a), rtol=1e-5)
    assert torch.allclose(distances[1], fresh(a[1:2], b[1:2])[0], rtol=1e-4)
    assert fresh(a, a).abs().max() == 0


def test_pictures_that_do_not_belong_together_are_refused(fresh):
    with pytest.raises(ValueError, match="expected two tensors"):
        fresh(torch.zeros(1, 3, 32, 32), torch.zeros(1, 3, 32, 33))


def test_more_blur_is_further_away(fresh, drawing):
    blurred = [picture(drawing.filter(ImageFilter.GaussianBlur(radius))) for radius in (1, 2, 4, 8)]
    distances = [fresh(picture(drawing), image).item() for image in blurred]
    assert distances == sorted(distances) and distances[0] > 0


def save_weights(model: STLPIPS, path) -> None:
    """Write the weights of a model to a file, under the names that the package uses."""
    tensors = {}
    for k, (name, layer, weights) in enumerate(zip(CONVOLUTIONS, model.convolutions, model.channel_weights)):
        tensors |= {f"net.{name}.weight": layer.weight, f"net.{name}.bias": layer.bias}
        tensors[f"lin{k}.model.1.weight"] = weights.view(1, -1, 1, 1)
    path.parent.mkdir(parents=True)
    torch.save(tensors, path)


@pytest.fixture
def package(tmp_path, monkeypatch, fresh):
    """A stand-in for the package with random weights, which raises an error when it is imported."""
    folder = tmp_path / "weights_for_tests"
    save_weights(fresh, folder / st_lpips.WEIGHTS)
    (folder / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(st_lpips, "PACKAGE", "weights_for_tests")
    return folder


def test_weights_are_read_from_the_package_without_importing_it(package, fresh, drawing):
    a, b = picture(drawing), picture(drawing.filter(ImageFilter.GaussianBlur(2)))
    measure = PerceptualDistance.find(CPU)
    assert measure(a, b) == pytest.approx(fresh(a, b).item(), rel=1e-5)
    both = measure(torch.cat([a, a]), torch.cat([b, a]))
    assert both == pytest.approx(measure(a, b) / 2, rel=1e-5)
    assert measure(3 * a, 3 * a.clamp(-1 / 3, 1 / 3)) == 0  # outside [-1, 1] there is nothing to see


def test_where_nothing_is_installed_there_is_none(package, monkeypatch):
    (package / st_lpips.WEIGHTS).unlink()
    assert PerceptualDistance.find(CPU) is None
    monkeypatch.setattr(st_lpips, "PACKAGE", "no_such_package_anywhere")
    assert PerceptualDistance.find(CPU) is None


def test_the_report_has_it_where_it_is_measured(package, tmp_path):
    store = PairStore(tmp_path / "pairs")
    for seed in range(2):
        store.add(f"{seed}", *draw_toy_pair(seed))
    measure = PerceptualDistance.find(CPU)
    report = evaluate(lambda image: image, store, size=32, judges=Judges(st_lpips=measure)).to_dict()
    assert report["st_lpips"] == pytest.approx(report["do_nothing"]["st_lpips"]) and report["st_lpips"] > 0
    without = evaluate(lambda image: image, store, size=32).to_dict()
    assert "st_lpips" not in without and "st_lpips" not in without["do_nothing"]
    assert not any(math.isnan(value) for value in without.values() if isinstance(value, float))


def test_figures_are_those_of_the_published_network(drawing):
    """Computed by the package itself (stlpips-pytorch 0.0.2, net="alex", variant="shift_tolerant")."""
    measure = PerceptualDistance.find(CPU)
    if measure is None:
        pytest.skip("the package with the weights is not installed")
    a = picture(drawing)
    for other, published in (
        (picture(draw_toy_pair(3, 96)[1]), 0.310747),
        (a.roll(1, -1), 0.001914),
        (a.roll(2, -1), 0.006813),
        (picture(drawing.filter(ImageFilter.BoxBlur(1))), 0.036393),
        (picture(drawing.filter(ImageFilter.BoxBlur(3))), 0.226553),
        (a, 0.0),
    ):
        assert measure(a, other) == pytest.approx(published, abs=1e-4)
