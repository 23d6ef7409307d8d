import numpy as np
import torch
from PIL import Image

from editor.data.colors import ColorDraw, PairColors, load_sizes, per_pair
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
    assert PairColors.load(path, 2) is None and load_sizes(path) == {}
    draw = ColorDraw(num_pairs=2, seed=0)
    for seed in range(2):
        draw.add(noise(seed), noise(seed + 9))
    colors = draw.drawn()
    colors.save(path, {"a": (30, 20), "é": (9, 9)})
    loaded = PairColors.load(path, 2)
    assert torch.equal(loaded.values, colors.values) and torch.equal(loaded.places, colors.places)
    assert load_sizes(path) == {"a": (30, 20), "é": (9, 9)}
    assert PairColors.load(path, 3) is None
    path.write_bytes(path.read_bytes()[:50])
    assert PairColors.load(path, 2) is None and load_sizes(path) == {}
