import numpy as np
import torch
from PIL import Image

from editor.data.colors import ColorDraw, PairColors, Source, load_sources, per_pair
from editor.data.dataset import PairDataset


def noise(seed, size=(60, 40)):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8))


def inverted(image):
    return image.point(lambda value: 255 - value)


def test_both_sides_are_drawn_at_the_same_places():
    draw = ColorDraw(num_pairs=2, seed=0)
    for seed in range(2):
        draw.add(noise(seed), inverted(noise(seed)))
    values = draw.drawn().values
    assert values.shape == (2, per_pair(2), 2, 3)
    assert torch.equal(values[:, :, 0], 255 - values[:, :, 1])
    assert len(values[0, :, 0].unique(dim=0)) > 1000, "from all over the picture"


def test_a_target_of_another_size_is_fitted():
    draw = ColorDraw(num_pairs=1, seed=0)
    draw.add(Image.new("RGB", (60, 40), "red"), Image.new("RGB", (30, 20), "blue"))
    assert torch.equal(draw.drawn().values[0].unique(dim=0), torch.tensor([[[255, 0, 0], [0, 0, 255]]]).byte())


def test_pairs_in_memory_are_drawn_from_too():
    images = torch.rand(3, 2, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    images[:, 1] = -images[:, 0]
    values = PairColors.of(PairDataset.of(("a", "b", "c"), images), seed=0).values.int()
    assert (values[:, :, 0] + values[:, :, 1] - 255).abs().max() <= 1


def test_a_file_that_does_not_fit_is_as_good_as_none(tmp_path):
    path = tmp_path / "colors.safetensors"
    assert PairColors.load(path, ["a", "é"]) is None and load_sources(path) == {}
    draw = ColorDraw(num_pairs=2, seed=0)
    for seed in range(2):
        draw.add(noise(seed), noise(seed + 9))
    colors = draw.drawn()
    sources = {"a": Source.of(noise(0)), "é": Source.of(noise(1, (9, 9))), "held out": Source((3, 4))}
    colors.save(path, sources)
    loaded = PairColors.load(path, ["a", "é"])
    assert torch.equal(loaded.values, colors.values) and torch.equal(loaded.places, colors.places)
    assert torch.equal(loaded.histograms, torch.stack([sources[name].histograms for name in ("a", "é")]))
    assert loaded.histograms[1].sum() == 4 * 81
    found = load_sources(path)
    assert {name: source.size for name, source in found.items()} == {"a": (60, 40), "é": (9, 9), "held out": (3, 4)}
    assert found["held out"].histograms is None
    assert PairColors.load(path, ["a", "held out"]).histograms is None, "of one of them they are not known"
    assert PairColors.load(path, ["a", "é", "o"]) is None
    path.write_bytes(path.read_bytes()[:50])
    assert PairColors.load(path, ["a", "é"]) is None and load_sources(path) == {}
