"""The web page that an effect becomes: opened from a file, it edits like the editor, and asks nobody for anything."""

import dataclasses
import re

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from playwright.sync_api import expect

from editor import device
from editor.editing.editor import Editor
from editor.editing.windows import Windows
from editor.grain import seed_of, with_grain
from editor.levels import MEASURES, Levels, histograms_of
from editor.models.color_map import ColorMap, identity_table
from editor.sharing.effect import export_effect
from editor.sharing.onnx_graph import ASSETS, plain_grain
from editor.sharing.web_page import export_space, page_of
from tests.browser.pages import PATIENCE
from tests.conftest import draw_toy_pair
from tests.standins.noise import same_noise

HOSTILE = "</title></script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
UPRIGHT = 0x0112  # the EXIF tag of the orientation
TURNED = 6  # its value for a photo that has to be turned clockwise


pytestmark = pytest.mark.usefixtures("placed_well")


@pytest.fixture(autouse=True)
def in_float32(monkeypatch):
    """As pages compute. The editor would use bfloat16 where the processor is fast at it, and rounds more with that."""
    monkeypatch.setattr(device, "fast_dtype", lambda device: torch.float32)


@pytest.fixture(scope="module")
def toy(pasting):
    """An effect that pastes nothing; its graph is the same."""
    return dataclasses.replace(pasting, about=pasting.about | {"paste": None}, cutouts=())


@pytest.fixture
def asked(page):
    """The addresses that a page asks for."""
    found = []
    page.on("request", lambda request: found.append(request.url))
    return found


@pytest.fixture
def edited(page, tmp_path):
    """Opens an effect as a file, as a double click does, and returns a way to edit a photo with it."""

    def open_effect(effect):
        path = tmp_path / "effect.html"
        path.write_text(page_of(effect), encoding="utf-8")
        page.goto(path.as_uri())
        expect(page.locator("#status")).to_have_text("Ready.", timeout=4 * PATIENCE)

        def edit(photo, strength=1.0, exif=None):
            page.evaluate("value => { document.getElementById('strength').value = value; }", strength)
            photo.save(tmp_path / "photo.png", **({"exif": exif} if exif else {}))
            page.locator("#file").set_input_files(tmp_path / "photo.png")
            expect(page.locator("#status")).to_have_text(re.compile("edited in"), timeout=4 * PATIENCE)
            with page.expect_download() as download:
                page.get_by_role("button", name="Save as PNG").click()
            assert download.value.suggested_filename == "photo-edited.png"
            download.value.save_as(tmp_path / "edited.png")
            page.get_by_role("button", name="Another photo").wait_for()
            return Image.open(tmp_path / "edited.png")

        return edit

    return open_effect


def difference(one, other):
    """Of the colors of two pictures, in 8-bit levels."""
    return np.abs(np.asarray(one.convert("RGB"), float) - np.asarray(other.convert("RGB"), float))


@pytest.fixture(
    params=[*(f"painted with a map{more}" for more in ("", " and gains", " and levels")), "pasted", "pasted in windows"]
)
def kind(request, toy, pasting, trained_run, tmp_path, monkeypatch):
    """An effect as graphs, and an editor without pairs, as somebody gets both."""
    monkeypatch.setattr(Editor, "adds", "pasted" in request.param)
    effect = pasting if Editor.adds else toy
    export_effect(trained_run, tmp_path / "toy.pairbrush")
    editor = Editor.load(tmp_path / "toy.pairbrush", "cpu")
    if "windows" in request.param:
        monkeypatch.setattr(Windows, "noise", same_noise)
        effect = dataclasses.replace(effect, about=effect.about | {"fit": "crop"})
        editor.model.config = dataclasses.replace(editor.model.config, fit="crop")
    if "map" in request.param:
        editor.model.color_map = ColorMap()
        # With these, the page maps a photo before it is made small, the editor after: much the same unless it is steep.
        share = 0.3 if "gains" in request.param or "levels" in request.param else 1.0
        editor.model.color_map.table.copy_(identity_table().lerp(identity_table().pow(3), share))
        editor.model.color_map.explained.fill_(0.5)
        editor.sight.color_map = editor.model.color_map
        if "gains" in request.param:
            editor.model.color_map.gains.mul_(torch.linspace(0.4, 1, editor.model.color_map.gains.shape[-1]))
            effect = dataclasses.replace(effect, gains=editor.model.color_map.gains.numpy())
        if "levels" in request.param:
            levels = Levels("light", 0.02, 0.01)
            editor.model.color_map.levels.copy_(levels.encoded())
            effect = dataclasses.replace(effect, gains=editor.model.color_map.gains.numpy(), levels=levels)
        effect = dataclasses.replace(effect, table=editor.model.color_map.table.numpy())
    return effect, editor


def test_a_page_edits_like_an_effect_file_and_asks_nobody(kind, edited, asked, errors):
    effect, editor = kind
    edit = edited(effect)
    # A map with gains comes first, and rounds; the network sees what is rounded.
    most, nearly_all = (0.2, 6) if effect.gains is None else (0.5, 8)
    if effect.levels is not None:
        most, nearly_all = 1.5, 30  # what is cut off before a photo is made small and after it differs at edges
    other = []
    for size, strength in (((32, 32), 1.0), ((200, 120), 1.0), ((150, 230), 0.5), ((20, 28), 1.5)):
        photo = draw_toy_pair(77, max(size))[0].crop((0, 0, *size))
        prediction = editor.predict(photo)
        assert bool(prediction.pasted) == Editor.adds
        expected = prediction.apply(photo, strength=strength)
        found = difference(edit(photo, strength), expected)
        if found.mean() >= most or np.percentile(found, 99) > nearly_all:
            other.append((size, found.mean(), found.max()))
        assert difference(photo, expected).max() > 40, "the effect is seen"
    # Where two cutouts explain an answer equally well, page and editor may choose another each.
    assert not other or (Editor.adds and len(other) == 1 and other[0][1] < 2), other
    kinds = {url.partition(":")[0] for url in asked}
    assert kinds == {"file", "blob"} and sum(url.startswith("file:") for url in asked) == 1
    assert not errors


def test_the_policy_of_a_page_forbids_connections(toy, edited, page):
    edited(toy)
    # An own script of the page may not, and neither may one of the worker, which has the rules of the page.
    assert page.evaluate("fetch('https://example.org').then(() => 'sent', () => 'refused')") == "refused"
    tried = """new Promise((done) => {
      const code = "fetch('https://example.org').then(() => postMessage('sent'), () => postMessage('refused'))";
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      worker.onmessage = ({ data }) => done(data);
    })"""
    assert page.evaluate(tried) == "refused"


def test_a_detail_filter_comes_along(ink, edited, errors):
    photo = draw_toy_pair(5, 120)[0].crop((0, 0, 120, 90))
    expected = ink.editor.predict(photo).apply(photo)
    found = difference(edited(ink)(photo), expected)
    # A level is rounding; a line may be a little darker, for Python computes in bfloat16 where that is faster.
    assert found.mean() < 0.5 and found.max() <= 16
    assert difference(photo, expected).max() > 40
    assert not errors


def test_photos_are_turned_upright_and_stay_transparent(toy, edited):
    edit = edited(toy)
    photo = draw_toy_pair(77, 60)[0].crop((0, 0, 60, 40))
    exif = Image.Exif()
    exif[UPRIGHT] = TURNED
    upright = photo.transpose(Image.Transpose.ROTATE_270)
    assert difference(edit(photo, exif=exif), edit(upright)).max() == 0
    opacity = Image.new("L", (60, 40), 255)
    opacity.paste(0, (0, 0, 20, 40))
    sticker = photo.copy()
    sticker.putalpha(opacity)
    assert edit(sticker).getchannel("A").tobytes() == opacity.tobytes()


def test_names_of_effects_are_only_shown(toy, edited, page, tmp_path, monkeypatch):
    hostile = dataclasses.replace(toy, about={**toy.about, "name": HOSTILE, "effect": HOSTILE})
    edited(hostile)
    expect(page.locator("h1")).to_have_text(HOSTILE)
    assert page.evaluate("window.hacked") is None
    monkeypatch.setattr("editor.sharing.web_page.graphs_of", lambda run: hostile)
    export_space(None, tmp_path / "space")
    front = yaml.safe_load((tmp_path / "space" / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert front["title"] == HOSTILE
    assert front["custom_headers"]["cross-origin-embedder-policy"] == "require-corp"
    assert (tmp_path / "space" / "index.html").read_text(encoding="utf-8") == page_of(hostile)


def test_what_is_no_picture_gets_a_sentence(toy, edited, page, tmp_path):
    edited(toy)
    (tmp_path / "notes.png").write_text("no picture")
    page.locator("#file").set_input_files(tmp_path / "notes.png")
    expect(page.locator("#status")).to_contain_text("no picture that your browser can read")


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_a_page_fits_its_window(toy, edited, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    edited(toy)(draw_toy_pair(3, 64)[0])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    stage = page.locator("#stage").bounding_box()
    assert stage["width"] > 200 and stage["height"] == pytest.approx(stage["width"], abs=1)
    page.locator("#strength").fill("0.5")
    expect(page.locator("output")).to_have_text("50%")
    expect(page.get_by_role("button", name="Save as JPEG")).to_be_enabled(timeout=4 * PATIENCE)
    page.locator("#cut").fill("20")
    assert page.evaluate("getComputedStyle(document.getElementById('edited')).clipPath").startswith(
        "inset(0px 0px 0px 20%"
    )


def test_grain_is_that_of_the_app(page, film_grain):
    code = (ASSETS / "sharing" / "grain.js").read_text(encoding="utf-8")
    pixels = np.random.default_rng(5).integers(0, 256, (70, 50, 3)).astype(np.uint8)
    rgba = np.concatenate([pixels, np.full_like(pixels[..., :1], 255)], axis=-1)
    function = f"""([values, grain, strength]) => {{
      {code}
      const picture = {{ width: 50, height: 70, data: Uint8ClampedArray.from(values) }};
      return Array.from(withGrain(picture, grain, seedOf(picture), strength).data);
    }}"""
    gray = film_grain._replace(mixing=np.array(3 * [[1, 0, 0]], np.float32))
    for grain, strength in ((film_grain, 1.0), (gray, 0.7)):
        found = np.array(page.evaluate(function, [rgba.ravel().tolist(), plain_grain(grain), strength]), np.uint8)
        expected = with_grain(pixels, grain, seed_of(pixels), strength)
        different = found.reshape(rgba.shape)[..., :3] != expected
        assert different.mean() < 1e-3 and (expected != pixels).mean() > 0.7, (
            "a number that is all but x.5 may be rounded"
        )
        assert (found.reshape(rgba.shape)[..., 3] == 255).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_black_and_white_points_are_those_of_the_app(page, measure):
    code = (ASSETS / "sharing" / "levels.js").read_text(encoding="utf-8")
    rng = np.random.default_rng(3)
    noise, two = rng.integers(20, 230, (3, 40, 50)), np.repeat([[[30, 200]]], 3, axis=0)
    two[1] //= 2
    for pixels in (noise, two, np.full((3, 4, 4), 77)):
        rgba = np.concatenate([pixels, np.full_like(pixels[:1], 255)]).transpose(1, 2, 0).ravel().tolist()
        for levels in (Levels(measure, 0.0, 0.0), Levels(measure, 0.5, 0.25), Levels(measure, 0.0015, 0.0005)):
            function = f"([data, levels]) => {{ {code}; return endsOf({{ data }}, levels); }}"
            found = page.evaluate(function, [rgba, levels._asdict()])
            ends = levels.ends(histograms_of(torch.from_numpy(pixels.astype(np.uint8)))[None])
            assert found == (ends[0] + 1).mul(127.5).round().tolist()
