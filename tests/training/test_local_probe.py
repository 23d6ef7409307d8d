"""Effects that go by surroundings are told from looks and from additions."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops, ImageFilter

from editor.config import PRESETS
from editor.data.colors import Source
from editor.images import to_tensor
from editor.training.detail_probe import DetailProbe
from editor.training.large_pairs import LargePairs
from editor.training.local_probe import is_local_filter


def photo(seed, size=128):
    rng = np.random.default_rng(seed)
    picture = np.zeros((size, size, 3))
    for cells in (4, 16, 64):
        noise = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        picture += np.asarray(noise.resize((size, size), Image.Resampling.BICUBIC), float) / 3
    return Image.fromarray(picture.astype(np.uint8))


def glow(image):
    return ImageChops.screen(image, image.filter(ImageFilter.GaussianBlur(6)))


def look(image):
    return image.point([255 - value // 2 for value in range(256)] * 3)


def hat(image):
    painted = image.copy()
    painted.paste("red", (20, 30, 60, 50))
    return painted


def blurred(image):
    return image.filter(ImageFilter.GaussianBlur(3))


def crops(effect, count=6):
    photos = [photo(seed) for seed in range(count)]
    return [torch.stack([to_tensor(image), to_tensor(effect(image))]) for image in photos]


def found(effect, count=6):
    return is_local_filter(crops(effect, count), torch.Generator().manual_seed(0))


@pytest.mark.parametrize("effect", [glow, blurred])
def test_surroundings_are_needed(effect):
    assert found(effect)


@pytest.mark.parametrize("effect", [look, hat, lambda image: image])
def test_colors_are_enough_or_nothing_is(effect):
    assert not found(effect)


def test_two_pairs_prove_nothing():
    assert not found(glow, count=2)


@pytest.mark.parametrize(("side", "mode"), [(256, "on"), (128, "off")])
def test_of_pictures_that_m_sees_as_they_are_only_small_ones_have_no_filter(tmp_path, side, mode):
    """At 256 px M is too coarse for lines and surroundings, however many pixels it is given."""
    config = replace(PRESETS["standard"], image_size=side)
    probe, large = DetailProbe(config), LargePairs(tmp_path / "large", config, 4)
    for seed in range(4):
        image = photo(seed, side)
        probe.add(*large.add(image, glow(image)), Source.of(image))
    assert probe.decide(large).mode == mode


def test_pairs_that_are_smaller_than_the_model_have_no_detail_to_learn(tmp_path):
    large = LargePairs(tmp_path / "large", PRESETS["standard"], 1)
    assert large.add(photo(0, 100), photo(1, 100)) is None
