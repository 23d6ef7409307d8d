"""What targets have by chance is found, and told from what follows from the source."""

import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops, ImageFilter

from editor.config import Budget
from editor.editing.editor import Editor
from editor.grain import NUM_TONES, with_grain
from editor.models.editing_model import EditingModel
from editor.pairs.store import PairStore
from editor.sharing.effect import export_effect
from editor.sharing.formats import export
from editor.training.checkpoint import CheckpointError, load_model, save_weights
from editor.training.grain_fit import CROP, GrainProbe, load_grain, save_grain
from editor.training.history import read_history
from editor.training.recording import prepare, record
from editor.training.run_folder import RunFolder
from editor.training.slimming import slim

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


def of_values(change):
    """Return an effect that changes the values of a picture, given with the coordinates of its pixels."""

    def effect(image):
        values = np.asarray(image, float)
        ys, xs = np.mgrid[: image.height, : image.width]
        return Image.fromarray(change(values, xs[..., None], ys[..., None]).clip(0, 255).astype(np.uint8))

    return effect


def saved(image):
    data = BytesIO()
    image.save(data, "JPEG", quality=30)
    return Image.open(data).convert("RGB")


def found(effect, noise=0.0, count=5):
    probe = GrainProbe(0)
    for seed in range(count):
        image = photo(seed, noise)
        probe.add(image, effect(image, seed))
    return probe.found()


def test_grain_is_found_as_it_was_made(film_grain):
    grain = found(grainy(film_grain))
    np.testing.assert_allclose(grain.kernel, film_grain.kernel, atol=0.08)
    np.testing.assert_allclose(grain.mixing @ grain.mixing.T, film_grain.mixing @ film_grain.mixing.T, atol=0.08)
    np.testing.assert_allclose(grain.amplitude[:, 5:12], film_grain.amplitude[:, 5:12], rtol=0.12)


def test_black_stays_black(film_grain):
    """Grain of a negative is gone where it is black, and borders and studio backgrounds are."""
    tones = np.linspace(-1, 1, NUM_TONES)
    fading = film_grain._replace(amplitude=np.stack(3 * [12 * (1 - tones**2)]).astype(np.float32))

    probe = GrainProbe(0)
    for seed in range(5):
        framed = np.asarray(photo(seed)).copy()
        framed[:, : SIZE[0] // 4], framed[:, -SIZE[0] // 4 :] = 0, 255
        probe.add(Image.fromarray(framed), Image.fromarray(with_grain(framed, fading, 100 + seed)))
    grain = probe.found()
    assert grain.amplitude[:, [0, -1]].max() < 0.7 and grain.typical == pytest.approx(12, rel=0.1)


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
        saved,
        lambda image: image.convert("1").convert("RGB"),
        lambda image: image.effect_spread(4),
        of_values(lambda values, xs, ys: 1.15 * values[:, ::-1]),
        of_values(lambda values, xs, ys: 1.3 * np.roll(values, 5, axis=1)),
        of_values(lambda values, xs, ys: 255.0 * (values > 127 + 60 * (np.sin(1.1 * xs) + np.sin(1.1 * ys)))),
        of_values(lambda values, xs, ys: values * np.where(ys % 3, 1, 0.6)),
        of_values(lambda values, xs, ys: values + 8 * np.sin(0.9 * xs) * np.sin(0.9 * ys)),
        of_values(lambda values, xs, ys: np.where((7919 * xs + 104729 * ys) % 199 < 4, 255, values)),
    ],
)
@pytest.mark.parametrize("noise", [0.0, 6.0])
def test_what_follows_from_the_source_is_no_grain(effect, noise):
    assert found(lambda image, seed: effect(image), noise) is None


def test_small_pairs_and_pairs_of_two_sizes_say_nothing(film_grain):
    probe = GrainProbe(0)
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
    shrunk = np.asarray(Image.fromarray(np.uint8(edit)).resize(small.size, Image.Resampling.BOX), float)
    expected = (shrunk - np.asarray(look(small), float)).std()
    assert shown.std() == pytest.approx(expected, rel=0.3), "grain averages out in a small copy"


def test_without_it_edits_have_none(run, tmp_path):
    config = replace(run.config, grain="off", color_map="auto", detail=replace(run.config.detail, mode="auto"))
    other = RunFolder.create(tmp_path / "other", config=config, store=run.store, effect="Film")
    assert not other.grain_path.exists() and prepare(other, CPU).model.grain is None


def test_grain_goes_on_and_goes_along(run, tmp_path):
    list(record(run, device=CPU, budget=Budget(steps=2)))
    before = prepare(run, CPU).model.grain
    *_, last = record(run, device=CPU, budget=Budget(steps=2))
    assert last.step == 4 and read_history(run).grain == pytest.approx(before.typical)
    assert export(run, tmp_path / "film.cube").endswith("Grain is not in it.")
    export_effect(run, tmp_path / "film.pairbrush")
    slim(run)
    image = photo(50)
    for path in (run.path, tmp_path / "film.pairbrush"):
        shared = Editor.load(path, "cpu").model.grain
        for part, same in zip(shared, before):
            np.testing.assert_allclose(part, same, rtol=2e-3, atol=1e-3)
    difference = np.asarray(Editor.load(run.path, "cpu").edit(image).image, float)
    difference -= np.asarray(Editor.load(tmp_path / "film.pairbrush", "cpu").edit(image).image, float)
    assert np.abs(difference).mean() < 0.5, "both have the same grain"


def test_pairs_that_are_moved_onto_each_other_have_none(run):
    moved = replace(run, config=replace(run.config, registration="on"))
    assert prepare(moved, CPU).model.grain is None and prepare(run, CPU).model.grain is not None


def test_runs_from_before_go_on_without_grain(fresh_run):
    config = json.loads((fresh_run.path / "config.json").read_text())
    del config["grain"]
    (fresh_run.path / "config.json").write_text(json.dumps({**config, "format": 5}))
    assert RunFolder.open(fresh_run.path).config.grain == "off"


def test_weights_from_before_begin_a_run_without_grain(fresh_run, tmp_path):
    model = EditingModel(replace(fresh_run.config, grain="off"))
    save_weights(tmp_path / "old.safetensors", model, 7)
    model, step = load_model(tmp_path / "old.safetensors", replace(fresh_run.config, grain="auto"))
    assert (model.grain, step) == (None, 7)


def test_grain_that_holds_no_levels_is_refused(fresh_run, tmp_path):
    model = EditingModel(replace(fresh_run.config, grain="auto"))
    model.film_grain.amplitude.fill_(1e30)
    save_weights(tmp_path / "forged.safetensors", model, 1)
    with pytest.raises(CheckpointError, match="no levels"):
        load_model(tmp_path / "forged.safetensors", model.config)
