"""What targets have by chance is found, and told from what follows from the source."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops, ImageFilter

from editor.editing.editor import Editor
from editor.grain import with_grain
from editor.pairs.store import PairStore
from editor.training.checkpoint import save_weights
from editor.training.grain_fit import CROP, GrainProbe, load_grain, save_grain
from editor.training.recording import prepare
from editor.training.run_folder import RunFolder

CPU = torch.device("cpu")
SIZE = (CROP + 90, CROP + 60)


def photo(seed, noise=0.0):
    """A smooth sky over a busy ground."""
    rng = np.random.default_rng(seed)
    parts = []
    for cells in (3, 5, 60):
        part = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        parts.append(np.asarray(part.resize(SIZE, Image.Resampling.BICUBIC), float))
    picture = (parts[0] + parts[1]) / 2
    picture[SIZE[1] // 2 :] = (2 * picture + parts[2])[SIZE[1] // 2 :] / 3
    return Image.fromarray((picture + noise * rng.standard_normal(picture.shape)).clip(0, 255).astype(np.uint8))


def look(image):
    return image.point([int(255 * (value / 255) ** 1.4) for value in range(256)] * 3)


def grainy(grain):
    return lambda image, seed: Image.fromarray(with_grain(np.asarray(look(image)), grain, 100 + seed))


def found(effect, noise=0.0, count=5):
    probe = GrainProbe()
    for seed in range(count):
        image = photo(seed, noise)
        probe.add(image, effect(image, seed))
    return probe.found()


def test_grain_is_found_as_it_was_made(film_grain):
    grain = found(grainy(film_grain))
    np.testing.assert_allclose(grain.kernel, film_grain.kernel, atol=0.08)
    np.testing.assert_allclose(grain.mixing @ grain.mixing.T, film_grain.mixing @ film_grain.mixing.T, atol=0.08)
    np.testing.assert_allclose(grain.amplitude[:, 5:12], film_grain.amplitude[:, 5:12], rtol=0.12)


def test_gray_grain_is_found_gray(film_grain):
    gray = film_grain._replace(mixing=np.array(3 * [[1, 0, 0]], np.float32))
    assert found(grainy(gray)).is_gray and not found(grainy(film_grain)).is_gray


@pytest.mark.parametrize(
    "effect",
    [
        look,
        lambda image: image,
        lambda image: image.filter(ImageFilter.UnsharpMask(2, 150, 0)),
        lambda image: image.filter(ImageFilter.MedianFilter(5)),
        lambda image: ImageChops.screen(image, image.filter(ImageFilter.GaussianBlur(6))),
        lambda image: image.filter(ImageFilter.CONTOUR),
    ],
)
@pytest.mark.parametrize("noise", [0.0, 6.0])
def test_what_follows_from_the_source_is_no_grain(effect, noise):
    assert found(lambda image, seed: effect(image), noise) is None


def test_small_pairs_and_pairs_of_two_sizes_say_nothing(film_grain):
    probe = GrainProbe()
    image = photo(0)
    probe.add(image, image.resize((500, 500)))
    probe.add(image.resize((100, 100)), image.resize((100, 100)))
    assert probe.found() is None


def test_files_are_checked(film_grain, tmp_path):
    path = tmp_path / "grain.safetensors"
    assert load_grain(path) is None
    save_grain(film_grain, path)
    assert all(np.array_equal(*parts) for parts in zip(load_grain(path), film_grain))
    save_grain(film_grain._replace(kernel=np.zeros(10_000, np.float32)), path)
    assert load_grain(path) is None
    path.write_bytes(b"{}")
    assert load_grain(path) is None


@pytest.fixture
def run(tmp_path, tiny_config, film_grain):
    """A run of a look with grain, which has learned nothing yet."""
    store = PairStore(tmp_path / "pairs")
    effect = grainy(film_grain)
    for seed in range(6):
        store.add(f"photo {seed}", photo(seed), effect(photo(seed), seed))
    config = replace(tiny_config, grain="auto", color_map="auto", detail=replace(tiny_config.detail, mode="auto"))
    return RunFolder.create(tmp_path / "run", config=config, store=store, effect="Film")


def test_a_look_with_grain_is_a_color_map_and_grain(run, film_grain):
    trainer = prepare(run, CPU)
    assert run.config.detail.mode == "off" and trainer.model.explained > 0.75
    model = trainer.averaged.module
    assert model.grain.typical == pytest.approx(film_grain.typical, rel=0.15) and not model.is_crispened
    save_weights(run.weights_path, model, 1)
    editor = Editor.load(run.path, "cpu")
    image = photo(50)
    edit, plain = np.asarray(editor.edit(image).image, float), np.asarray(look(image), float)
    assert (edit - plain).std() == pytest.approx(film_grain.typical, rel=0.25)
    assert np.array_equal(edit, np.asarray(editor.edit(image).image)), "the same photo has the same grain"
    assert np.array_equal(np.asarray(editor.edit(image, strength=0).image), np.asarray(image))
    small = image.resize((SIZE[0] // 3, SIZE[1] // 3), Image.Resampling.BOX)
    shown = np.asarray(editor.predict(image).apply(small), float) - np.asarray(look(small), float)
    assert shown.std() < 0.6 * (edit - plain).std(), "grain averages out in a small copy"


def test_without_it_edits_have_none(run, tmp_path):
    config = replace(run.config, grain="off", color_map="auto", detail=replace(run.config.detail, mode="auto"))
    other = RunFolder.create(tmp_path / "other", config=config, store=run.store, effect="Film")
    assert not other.grain_path.exists() and prepare(other, CPU).model.grain is None
