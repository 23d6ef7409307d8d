"""The map is found where there is one, and where there is none nothing changes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from safetensors import safe_open
from safetensors.torch import save_file

from editor.config import AugmentConfig, Budget
from editor.data.colors import PairColors
from editor.data.dataset import PairDataset
from editor.editing.editor import Editor
from editor.image_files import load_image
from editor.levels import Levels, histograms_of, stretched
from editor.models.color_map import ColorMap, identity_table, look_up
from editor.pairs.store import PairStore
from editor.sharing.effect import export_effect
from editor.training.checkpoint import CheckpointError, load_model, load_training_state, save_weights
from editor.training.color_fit import LEAST_EXPLAINED, NUM_SAMPLES, equip, fit_color_map
from editor.training.history import read_history
from editor.training.recording import prepare, record
from editor.training.registration import Registered
from editor.training.run_folder import RunFolder
from editor.training.slimming import slim
from editor.training.table_fit import fit_table
from editor.training.trainer import Trainer

CPU = torch.device("cpu")


def black_and_white(x):
    """A steep curve over a mix of channels, on pictures (..., 3) in [-1, 1]."""
    grey = x @ torch.tensor([0.55, 0.35, 0.1])
    return torch.tanh(2 * grey + 0.2)[..., None].expand(*grey.shape, 3)


def graded(x):
    """A split tone with lifted blacks, in which channels mix."""
    mixed = x @ torch.tensor([[0.8, 0.1, 0.0], [0.2, 0.8, 0.1], [0.0, 0.1, 0.7]])
    return (mixed - 0.15 * mixed.square() + torch.tensor([0.02, 0.0, 0.1])).clamp(-1, 1)


def colors(look, num_pairs=6, count=8000, seed=0):
    x = torch.rand(num_pairs, count, 3, generator=torch.Generator().manual_seed(seed)) * 2 - 1
    return PairColors(torch.stack([x, look(x)], dim=2).add(1).mul(127.5).round().to(torch.uint8))


def error_of(table, look):
    """Return the root mean square error in 8-bit levels over colors that were not drawn."""
    x = torch.rand(1, 5000, 3, generator=torch.Generator().manual_seed(9)) * 2 - 1
    mapped = look_up(table, x.movedim(-1, 1)[..., None])[..., 0].movedim(1, -1)
    return (mapped - look(x)).square().mean().sqrt().item() * 127.5


def bumps(table):
    """Return the mean second difference along a gray ramp, in 8-bit levels."""
    ramp = look_up(table, torch.linspace(-1, 1, 256).expand(1, 3, -1)[..., None])[0, :, :, 0]
    return ramp.diff(n=2).abs().mean().item() * 127.5


@pytest.mark.parametrize("look", [black_and_white, graded])
def test_a_look_is_recovered_and_explains_nearly_all(look):
    table, gains, levels, explained = fit_color_map(colors(look), seed=0)
    assert (gains == 1).all() and (levels == 0).all()
    assert explained > 0.97
    assert error_of(table, look) < 1.0


def test_grey_stays_grey():
    table, *_ = fit_color_map(colors(black_and_white), seed=0)
    assert (table.amax(dim=-1) - table.amin(dim=-1)).max() * 127.5 < 0.1


def test_a_look_that_leaves_a_little_everywhere_has_a_map():
    """As under a soft glow or sharpening: half of the differences that saturate stay, but few of the squared ones."""
    noise = torch.randn(6, 8000, 3, generator=torch.Generator().manual_seed(7)) * 0.06
    pairs = colors(lambda x: (graded(x) + noise).clamp(-1, 1))
    found = fit_color_map(pairs, seed=0)
    assert 0.4 < found.explained < 0.6 < LEAST_EXPLAINED
    assert error_of(found.table, graded) < 3
    assert bumps(found.table) < 0.5 * bumps(fit_table(pairs, NUM_SAMPLES, torch.Generator().manual_seed(0)))


def test_where_a_detail_filter_follows_a_map_has_to_explain_more():
    """Paper that becomes white is most of the squares of a drawing, and the map of that has bumps where lines are."""
    gray = 0.7 + 0.3 * torch.rand(6, 8000, 1, generator=torch.Generator().manual_seed(7)).mul(2).sub(1)
    pairs = colors(lambda x: gray.expand(-1, -1, 3))
    found = fit_color_map(pairs, seed=0)
    assert 0 < found.explained < LEAST_EXPLAINED
    filtered = fit_color_map(pairs, seed=0, is_filtered=True)
    assert filtered.explained == 0 and torch.equal(filtered.table, identity_table())
    assert fit_color_map(colors(graded), seed=0, is_filtered=True).explained > 0.97, "a look has its map in any case"


@pytest.mark.parametrize("kind", ["gray", "one color"])
def test_a_look_of_pictures_with_few_colors_is_learned_too(kind):
    shades = torch.rand(4, 20_000, 1, generator=torch.Generator().manual_seed(0)).expand(-1, -1, 3) * 255
    x = shades if kind == "gray" else torch.tensor([255.0, 0, 0]).expand(4, 20_000, 3)
    y = 255 - 0.7 * x
    table, *_, explained = fit_color_map(PairColors(torch.stack([x, y], dim=2).round().to(torch.uint8)), seed=0)
    assert explained > 0.97 and table.abs().max() <= 1
    mapped = look_up(table, (x[0, :9] / 127.5 - 1).T[None, :, None])[0, :, 0].T
    assert (mapped - (y[0, :9] / 127.5 - 1)).abs().max() * 127.5 < 2


@pytest.mark.parametrize("look", [black_and_white, graded])
def test_what_is_added_does_not_bend_the_map(look):
    pairs = colors(look)
    pairs.values[:, :800, 1] = torch.tensor([230, 30, 40], dtype=torch.uint8)  # a hat over a tenth of each picture
    assert error_of(fit_color_map(pairs, seed=0).table, look) < 1.5


@pytest.mark.parametrize("seed", [0, 1])
def test_where_colors_explain_nothing_the_map_is_the_identity(seed):
    pairs = colors(lambda x: x)
    pairs.values[:, :2000, 1] = torch.tensor([230, 30, 40], dtype=torch.uint8)
    table, *_, explained = fit_color_map(pairs, seed=seed)
    assert explained == 0
    assert torch.equal(table, identity_table())
    assert fit_color_map(colors(graded, num_pairs=1), seed=seed).explained == 0, "one pair proves nothing"


def test_the_same_seed_fits_the_same_map():
    assert torch.equal(fit_color_map(colors(graded), seed=3).table, fit_color_map(colors(graded), seed=3).table)


def test_colors_are_jittered_only_as_far_as_they_do_not_explain():
    config = AugmentConfig()
    assert config.with_less_color(None) == config == config.with_less_color(0.0)
    less = config.with_less_color(0.75)
    assert less.hue == pytest.approx(config.hue / 4)
    assert (less.flip, less.degrees) == (config.flip, config.degrees)


def trained(config, images, steps=2):
    pairs = PairDataset.of(tuple("abcdef"), images)
    trainer = Trainer(config, Registered(pairs, PairDataset.of((), images[:0]), None), CPU)
    equip(trainer)
    for _ in trainer.run(Budget(steps=steps)):
        pass
    return trainer.model


def test_where_nothing_is_explained_training_is_the_same_bit_by_bit(tiny_config):
    images = torch.rand(6, 2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    images[:, 1, :, 8:, 8:] = images[:, 0, :, 8:, 8:]
    off, auto = (trained(replace(tiny_config, color_map=mode), images) for mode in ("off", "auto"))
    assert auto.explained == 0
    state = auto.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in off.state_dict().items())


def photo(seed, size=96):
    """A smooth picture with grain."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((size, size), Image.BICUBIC)
    return Image.fromarray((np.asarray(coarse) + random.normal(0, 4, (size, size, 3))).clip(0, 255).astype(np.uint8))


def toned(image):
    """Return what `graded` makes of a picture."""
    y = graded(torch.from_numpy(np.array(image)).float() / 127.5 - 1)
    return Image.fromarray(y.add(1).mul(127.5).round().clamp(0, 255).byte().numpy())


@pytest.fixture
def look_run(tmp_path, tiny_config):
    """A run of pairs that are larger than the model, not yet trained."""
    store = PairStore(tmp_path / "pairs")
    store.add_all((f"{seed:02d}", photo(seed), toned(photo(seed))) for seed in range(10))
    config = replace(tiny_config, color_map="auto")
    return RunFolder.create(tmp_path / "runs" / "look", config=config, store=store, effect="look")


def levels(image):
    return np.asarray(image).astype(float)


def test_a_look_is_right_at_full_size_from_the_first_preview_on(look_run):
    events = list(record(look_run, device=CPU, budget=Budget(steps=3)))
    history = read_history(look_run)
    assert history.color_map > 0.9
    assert history.previews[0].psnr > history.unedited_psnr + 10
    assert history.chosen.step == 0, "so few steps make nothing clearly better than the map"
    editor = Editor.load(look_run.path)
    edit = editor.edit(photo(77, size=200)).image
    assert np.sqrt(np.square(levels(edit) - levels(toned(photo(77, size=200)))).mean()) < 2.5
    assert np.array_equal(levels(editor.edit(photo(77), strength=0.0).image), levels(photo(77)))
    assert events[0].color_map == history.color_map


def darkened(image):
    """Return what `toned` makes of a picture, with dark edges."""
    light = np.asarray(toned(image)).astype(float)
    ys, xs = (np.linspace(-1, 1, count) for count in light.shape[:2])
    gain = 1 - 0.4 * (xs[None] ** 2 + ys[:, None] ** 2)
    return Image.fromarray((light * gain[..., None]).round().astype(np.uint8))


def wide(seed, size=96):
    return photo(seed, size).crop((0, size // 6, size, size - size // 6))


def learned(tmp_path, config, photos, effect):
    """Return a run after two steps on ten photos, of which the last two are held out."""
    store = PairStore(tmp_path / "pairs")
    store.add_all((f"{number:02d}", image, effect(image)) for number, image in enumerate(photos))
    store.set_held_out(["08", "09"])
    run = RunFolder.create(tmp_path / "runs" / "look", config=config, store=store, effect="look")
    for _ in record(run, device=CPU, budget=Budget(steps=2)):
        pass
    return run


@pytest.mark.parametrize("fit", ["whole", "crop"])
def test_a_vignette_lies_in_the_frame_of_the_photo_whatever_its_shape(tmp_path, tiny_config, fit):
    photos = [(wide if seed % 2 else photo)(seed) for seed in range(10)]
    run = learned(tmp_path, replace(tiny_config, color_map="auto", fit=fit), photos, darkened)
    history = read_history(run)
    assert history.color_map > 0.9 and history.previews[0].psnr > history.unedited_psnr + 10
    editor = Editor.load(run.path)
    for image in (wide(77, size=240), photo(78)):
        edit = editor.edit(image).image
        assert np.sqrt(np.square(levels(edit) - levels(darkened(image))).mean()) < 3
        assert np.array_equal(levels(editor.edit(image, strength=0.0).image), levels(image))
    resumed = prepare(run, CPU)
    assert torch.equal(resumed.training.pixels, editor.pairs[list(range(8))].pixels), "M sees mapped sources again"
    seen = editor.sight.square(load_image(run.store.pairs()[0].source)) if fit == "whole" else None
    if seen is not None:
        assert (seen - editor.pairs.x[0]).abs().max() <= 1.01 / 127.5


def test_a_continued_run_goes_on_with_its_map(look_run):
    for _ in record(look_run, device=CPU, budget=Budget(steps=2)):
        pass
    table = prepare(look_run, CPU).model.color_map.table.clone()
    look_run.colors_path.unlink()
    assert torch.equal(prepare(look_run, CPU).model.color_map.table, table)
    events = list(record(look_run, device=CPU, budget=Budget(steps=2)))
    assert events[0].color_map == read_history(look_run).color_map > 0.9


def test_a_map_that_holds_no_colors_is_refused(look_run, tmp_path):
    model = prepare(look_run, CPU).model
    model.color_map.table.fill_(1e30)
    save_weights(tmp_path / "forged.safetensors", model, 1)
    with pytest.raises(CheckpointError, match="no colors"):
        load_model(tmp_path / "forged.safetensors", look_run.config)


def test_weights_from_before_begin_a_run_without_a_map(fresh_run, tmp_path):
    save_weights(tmp_path / "old.safetensors", prepare(fresh_run, CPU).model, 7)
    model, step = load_model(tmp_path / "old.safetensors", replace(fresh_run.config, color_map="auto"))
    assert (model.explained, step) == (0, 7)


def test_runs_from_before_go_on_without_a_map(fresh_run):
    text = (fresh_run.path / "config.json").read_text()
    old = text.replace('"format": 6', '"format": 2').replace('"color_map": "off",', "")
    assert old != text and "color_map" not in old
    (fresh_run.path / "config.json").write_text(old)
    assert RunFolder.open(fresh_run.path).config.color_map == "off"


def after_levels(x, levels, look):
    """Return pairs of photos (m, n, 3) in [-1, 1] that were stretched before a look."""
    pixels = x.add(1).mul(127.5).round().to(torch.uint8)
    histograms = torch.stack([histograms_of(photo.T) for photo in pixels])
    before = pixels.float().div(127.5).sub(1).movedim(-1, 1)[..., None]
    y = look(stretched(before, levels.ends(histograms))[..., 0].movedim(1, -1))
    return PairColors(torch.stack([pixels, y.add(1).mul(127.5).round().to(torch.uint8)], dim=2), histograms=histograms)


def faint(num_photos=9, count=8000):
    """Photos of little contrast, each with its own black and white, and some pixels beyond."""
    generator = torch.Generator().manual_seed(2)
    x = torch.rand(num_photos, count, 3, generator=generator) * 2 - 1
    low, high = torch.rand(2, num_photos, 1, 1, generator=generator) * 0.5
    return (low - 0.9) * (1 - x) / 2 + (0.9 - high) * (1 + x) / 2


@pytest.mark.parametrize("levels", [Levels("light", 0.0, 0.0), Levels("all", 0.01, 0.01), Levels("each", 0.005, 0.001)])
def test_auto_levels_before_a_look_are_recovered(levels):
    pairs = after_levels(faint(), levels, graded)
    found = fit_color_map(pairs, seed=0)
    assert Levels.decoded(found.levels).measure == levels.measure
    assert Levels.decoded(found.levels)[1:] == pytest.approx(levels[1:], abs=6e-3)
    without = fit_color_map(PairColors(pairs.values), seed=0)
    assert found.explained > 0.9 > without.explained + 0.1
    color_map = ColorMap()
    found.fill(color_map)
    unseen = after_levels(faint(2), levels, graded)
    x, y = unseen.values[1].float().div(127.5).sub(1).unbind(1)
    mapped = color_map(x.T[None, :, :, None])[0, :, :, 0].T
    assert (mapped - y).square().mean().sqrt() * 127.5 < 4


def test_no_levels_are_found_where_they_explain_nothing_more():
    plain = colors(graded, num_pairs=6)
    histograms = torch.stack([histograms_of(photo.T) for photo in plain.values[:, :, 0]])
    assert (fit_color_map(replace(plain, histograms=histograms), seed=0).levels == 0).all()


def pale(seed, size=(90, 60)):
    """A photo of little contrast."""
    noise = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    low, high = 10 + 9 * (seed % 5), 245 - 13 * (seed % 4)
    picture = Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)
    return picture.point([low + value * (high - low) // 255 for value in range(256)] * 3)


def contrasted(image):
    return ImageOps.autocontrast(image).point([20 + value * 3 // 4 for value in range(256)] * 3)


@pytest.mark.parametrize("fit", ["whole", "crop"])
def test_photos_are_edited_by_their_own_levels_whatever_their_shape(tmp_path, tiny_config, fit):
    """From the pairs' files to the full-size edit: what counts are the pixels of the file, not of a small square."""
    photos = [pale(seed, (60, 90) if seed % 2 else (90, 60)) for seed in range(10)]
    run = learned(tmp_path, replace(tiny_config, color_map="auto", fit=fit), photos, contrasted)
    assert read_history(run).color_map > 0.9
    editor = Editor.load(run.path)
    assert editor.model.color_map.auto_levels.measure == "each"
    for image in (pale(77, (240, 100)), pale(78)):
        edit = editor.edit(image).image
        assert np.sqrt(np.square(levels(edit) - levels(contrasted(image))).mean()) < 3
        assert np.array_equal(levels(editor.edit(image, strength=0.0).image), levels(image))
    resumed = prepare(run, CPU)
    assert torch.equal(resumed.training.pixels, editor.pairs[list(range(8))].pixels), "M sees mapped sources again"
    prediction, large = editor.predict(pale(79, (240, 160))), pale(79, (240, 160))
    small = large.resize((60, 40), Image.Resampling.BOX)  # has other ends
    shrunk = prediction.apply(large).resize((60, 40), Image.Resampling.BOX)
    assert np.abs(levels(prediction.apply(small)) - levels(shrunk)).mean() < 1.5, "one edit, whatever its size"
    export_effect(run, tmp_path / "auto.pairbrush")
    slim(run)
    for slimmed in (Editor.load(tmp_path / "auto.pairbrush", "cpu"), Editor.load(run.path, "cpu")):
        assert np.abs(levels(slimmed.edit(image).image) - levels(edit)).mean() < 0.5


def test_states_from_before_there_were_gains_and_levels_go_on(look_run, tmp_path):
    for _ in record(look_run, device=CPU, budget=Budget(steps=2)):
        pass
    with safe_open(look_run.state_path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in list(file.keys())}
        about = file.metadata()
    new = [name for name in tensors if name.endswith(("color_map.gains", "color_map.levels"))]
    assert len(new) == 4
    path = tmp_path / "old.safetensors"
    save_file({name: value for name, value in tensors.items() if name not in new}, path, about)
    trainer = prepare(look_run, CPU)
    load_training_state(path, trainer)
    assert trainer.progress.step == 2 and (trainer.model.color_map.levels == 0).all()


def test_histograms_stay_with_their_pairs_where_new_names_sort_otherwise(tmp_path, tiny_config):
    for name, seed in (("a b", 1), ("a-a", 2), ("a c", 3)):
        for side in ("source", "target"):
            path = tmp_path / "pairs" / side / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pale(seed).save(path)
    config = replace(tiny_config, color_map="auto")
    run = RunFolder.create(tmp_path / "run", config=config, store=PairStore(tmp_path / "pairs"), effect="x")
    kept = PairColors.load(run.colors_path, [pair.name for pair in run.store.training()])
    for values, histograms in zip(kept.values[:, :, 0], kept.histograms):
        drawn = histograms_of(values.T)
        assert (drawn[:, histograms[0] == 0] == 0)[0].all(), "no color that its photo does not have"
        assert (
            drawn.cumsum(1) / drawn.sum(1, True) - histograms.cumsum(1) / histograms.sum(1, True)
        ).abs().max() < 0.02
