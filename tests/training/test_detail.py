import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from editor.config import Budget, DetailConfig
from editor.editing.editor import Editor
from editor.images import to_tensor
from editor.metrics.psnr import psnr
from editor.pairs.store import PairStore
from editor.training import cadence
from editor.training.control import Control
from editor.training.export import export_run
from editor.training.history import read_history
from editor.training.recording import prepare, record
from editor.training.run_folder import RunFolder
from tests.conftest import TINY

SIDE = 96  # pixels of the pairs; the tiny model has 32
CPU = torch.device("cpu")
STEPS = 4  # of a training that is stopped


def photo(seed: int) -> Image.Image:
    """Shapes with texture."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (9, 9, 3), dtype=np.uint8)).resize((SIDE, SIDE))
    fine = Image.fromarray(random.integers(0, 256, (SIDE // 2, SIDE // 2, 3), dtype=np.uint8)).resize((SIDE, SIDE))
    return Image.blend(coarse, fine, 0.15)


def sharpened(image: Image.Image) -> Image.Image:
    """A local filter: strong sharpening."""
    return image.filter(ImageFilter.UnsharpMask(radius=1.5, percent=250, threshold=0))


def graded(image: Image.Image) -> Image.Image:
    """A look: a map from color to color."""
    return ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(0.7)).enhance(0.3)


def with_disc(image: Image.Image) -> Image.Image:
    """An addition: something in one place."""
    changed = image.copy()
    changed.paste((250, 40, 40), (30, 30, 55, 50))
    return changed


def made(tmp_path, store, config, effect, mode="auto") -> RunFolder:
    """Return a fresh run of an effect."""
    store.add_all((f"{seed}", photo(seed), effect(photo(seed))) for seed in range(8))
    config = replace(config, detail=DetailConfig(mode=mode))
    return RunFolder.create(tmp_path / "run", config=config, store=store, effect="x")


@pytest.fixture
def store(tmp_path):
    """An empty store."""
    return PairStore(tmp_path / "store")


@pytest.mark.parametrize(
    ("effect", "mode"),
    [(sharpened, "on"), (graded, "off"), (with_disc, "off"), (ImageChops.invert, "off"), (lambda image: image, "off")],
)
def test_detail_is_learned_only_where_an_effect_has_it(tmp_path, store, tiny_config, effect, mode):
    run = made(tmp_path, store, tiny_config, effect)
    assert run.config.detail.mode == mode
    assert run.large_pairs.directory.is_dir() == (mode == "on" or effect is with_disc)  # from which edits may paste
    if mode == "on":
        assert run.config.detail == DetailConfig(mode="on", size=SIDE, scale=1.0)


def test_what_is_asked_for_is_done(tmp_path, store, tiny_config):
    assert made(tmp_path, store, tiny_config, with_disc, mode="on").config.detail.mode == "on"


def test_files_of_the_models_size_have_no_finer_detail(toy_store, tmp_path, tiny_config):
    config = replace(tiny_config, detail=DetailConfig())
    run = RunFolder.create(tmp_path / "run", config=config, store=toy_store, effect="x")
    assert run.config.detail.mode == "off"


def test_a_filter_is_learned_and_edits_at_full_size(tmp_path, store, tiny_config):
    run = made(tmp_path, store, tiny_config, sharpened)
    events = list(record(run, device=CPU, budget=Budget(steps=30)))
    assert type(events[-1]).__name__ == "Finished"
    editor = Editor.load(run.path)
    x = photo(100)
    y = to_tensor(sharpened(x))[None]
    before, after = (psnr(to_tensor(image)[None], y).item() for image in (x, editor.edit(x).image))
    assert after > before + 2
    small = x.resize((48, 48), Image.Resampling.LANCZOS)
    prediction = editor.predict(x)
    assert prediction.apply(small).size == (48, 48)
    assert np.array_equal(prediction.apply(x, strength=0.0), x)
    assert (prediction.region == 1).all(), "no line is left out because the model's pixels are too coarse for it"

    filtered = editor.sight.filtered
    assert filtered(x) is filtered(x.copy()), "another reference does not filter the photo again"
    assert filtered(x.rotate(90)) is not filtered(x)

    copy = export_run(run, tmp_path / "copy")
    assert not copy.large_pairs.directory.exists()
    edits = [Editor.load(folder.path, device="cpu").edit(x).image for folder in (run, copy)]
    assert abs(np.asarray(edits[0], int) - edits[1]).mean() < 0.5  # half precision


def test_m_sees_filtered_sources_once_the_filter_is_learned(tmp_path, store, tiny_config):
    run = made(tmp_path, store, tiny_config, sharpened)
    list(record(run, device=CPU, budget=Budget(steps=8)))
    pairs, seen = run.store.training(), prepare(run, CPU).training
    raw = to_tensor(Image.open(pairs[0].source))
    assert seen.names[0] == pairs[0].name
    assert (seen.x[0] - raw).abs().mean() > 0.01
    editor = Editor.load(run.path)
    assert torch.equal(editor.pair(pairs[0].name)[0], seen.x[0])


def test_going_on_teaches_both_once_more(tmp_path, store, tiny_config):
    run = made(tmp_path, store, tiny_config, sharpened)
    list(record(run, device=CPU, budget=Budget(steps=4)))
    weights, sources = Editor.load(run.path, weights="newest").model.state_dict(), run.filtered_path.read_bytes()
    events = list(record(run, device=CPU, budget=Budget(steps=4)))
    changed = {name for name, value in Editor.load(run.path, weights="newest").model.state_dict().items()
               if not torch.equal(value, weights[name])}  # fmt: skip
    assert "detail_filter.encoder.stem.weight" in changed and "m_x.stem.weight" in changed
    assert run.filtered_path.read_bytes() != sources
    previews = read_history(run).previews
    at_start = {point.step: point.is_base for point in previews if point.step in (0, 2)}  # two of one step, if slow
    assert at_start == {0: True, 2: True}
    assert not any(point.is_base for point in previews if point.step > 2)
    assert type(events[-1]).__name__ == "Finished"


@pytest.fixture(scope="module")
def in_one_go(tmp_path_factory):
    """A fresh run, only to be copied, and the weights after a training of it that nobody stops."""
    path = tmp_path_factory.mktemp("detail")
    run = made(path, PairStore(path / "store"), TINY, sharpened)
    trainer = prepare(run, CPU)
    list(trainer.run(Budget(steps=STEPS)))
    assert trainer.progress.step == STEPS
    return run, trainer.model.state_dict()


@pytest.mark.parametrize("stopped_at", [1, 2, 3])  # in the first half the filter is learned, then M
def test_stopping_in_either_stage_and_going_on_changes_nothing(tmp_path, in_one_go, monkeypatch, stopped_at):
    monkeypatch.setattr(cadence, "REPORT_SECONDS", 0.0)
    run, weights = in_one_go
    run = RunFolder.open(shutil.copytree(run.path, tmp_path / "run"))
    control = Control()
    for event in record(run, device=CPU, budget=Budget(steps=STEPS), control=control):
        if type(event).__name__ == "StepDone" and event.step >= stopped_at:
            control.stop()
    list(record(run, device=CPU, budget=None))
    in_two = prepare(run, CPU)
    assert in_two.progress.step == STEPS
    for (name, a), b in zip(weights.items(), in_two.model.state_dict().values()):
        assert torch.equal(a, b), name


def test_runs_from_before_go_on_without_a_filter(fresh_run):
    text = (fresh_run.path / "config.json").read_text()
    config = json.loads(text)
    assert config["format"] == 6
    del config["detail"]
    (fresh_run.path / "config.json").write_text(json.dumps({**config, "format": 3}))
    assert RunFolder.open(fresh_run.path).config.detail.mode == "off"
