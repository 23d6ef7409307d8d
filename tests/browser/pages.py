"""What a person does in the page, and what they see."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import JSHandle, Locator, Page, expect

from tests.conftest import draw_toy_pair

SIZE = 96  # pixels, of the pairs that are uploaded
STATUS = "#train-status .pb-status"
PATIENCE = 120_000  # milliseconds, of every test: it costs time only where something is wrong


def open_app(
    page: Page, url: str, *, theme: str = "light", patience: float = PATIENCE / 1000, mode: str = "expert"
) -> None:
    """Open the app and wait until it is live, for at most `patience` seconds; by default with all that there is."""
    page.add_init_script(f"if (origin !== 'null') localStorage['pairbrush-mode'] ??= {mode!r}")
    page.goto(f"{url}/?__theme={theme}", timeout=1000 * patience)
    expect(page.locator("#next-step .pb-next")).to_be_visible(timeout=1000 * patience)


def be_in_app(page: Page, url: str) -> None:
    """Open the app, unless the page shows it already, and go to its first tab."""
    if page.url.startswith(url):
        open_tab(page, "1 Pairs")
    else:
        open_app(page, url)


def wait_until(page: Page, condition: str, *, arg: object = None, patience: int = PATIENCE) -> JSHandle:
    """Wait until some JavaScript is true, and return its value. `patience` is in milliseconds.

    It is asked ten times a second, not at every frame as Playwright does by itself: a frame that is asked for is drawn,
    which keeps a core busy.
    """
    return page.wait_for_function(condition, arg=arg, timeout=patience, polling=100)


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def unfold(page: Page, panel: str) -> None:
    """Open an accordion, unless it is open."""
    closed = page.locator(f"#{panel} > button:not(.open)")
    if closed.count():
        closed.click()


def draw_pairs(folder: Path, names: list[str], shape: tuple[int, int] = (SIZE, SIZE)) -> tuple[list[Path], list[Path]]:
    """Write toy pairs of at most `SIZE` pixels to FOLDER/source and FOLDER/target."""
    left, top = ((SIZE - side) // 2 for side in shape)
    sides: tuple[list[Path], list[Path]] = ([], [])
    for seed, name in enumerate(names):
        for side, paths, picture in zip(("source", "target"), sides, draw_toy_pair(seed, SIZE)):
            (folder / side).mkdir(parents=True, exist_ok=True)
            paths.append(folder / side / f"{name}.png")
            picture.crop((left, top, left + shape[0], top + shape[1])).save(paths[-1])
    return sides


def reload(page: Page, errors: list[str]) -> None:
    """Reload the page, wait until it is live, and forget what it said of requests that were cut off."""
    page.reload()
    expect(page.locator("#next-step .pb-next")).to_be_visible()
    errors.clear()


def create_effect(page: Page, name: str) -> None:
    page.fill("#effect-name textarea, #effect-name input", name)
    page.click("#effect-create")
    expect(page.locator("#effect input")).to_have_value(name)


def choose_effect(page: Page, name: str) -> None:
    page.click("#effect input")
    page.get_by_role("option", name=name, exact=True).click()
    expect(page.locator("#effect input")).to_have_value(name)


def drop(page: Page, place: str, files: list[Path]) -> None:
    page.set_input_files(f"#{place} input[type=file]", files)


def expect_pairs(page: Page, count: int) -> None:
    expect(page.locator("#pairs-cards .pb-pair")).to_have_count(count)


def expect_error(page: Page, words: str) -> None:
    """Expect one sentence in the page, and close it."""
    toast = page.locator(".toast-body").filter(has_text=words)
    expect(toast.first).to_be_visible()
    toast.first.locator("button").click()
    expect(toast).to_have_count(0)


def pixels(page: Page, picture: Locator) -> np.ndarray:
    """Return what an <img> shows, (h, w, 3), as the server sends it."""
    expect(picture).to_be_visible()
    expect(picture).not_to_have_attribute("src", re.compile("^blob:"))  # a photo that is on its way to the server
    expect(picture).to_have_js_property("complete", True)
    response = page.request.get(picture.evaluate("image => image.src"))
    assert response.ok
    return np.asarray(Image.open(BytesIO(response.body())).convert("RGB"), dtype=float)


def expect_state(page: Page, state: str) -> None:
    """Expect that the run in Train comes to that state; a step takes a while on a busy machine."""
    expect(page.locator(STATUS)).to_have_attribute("data-state", state, timeout=120_000)


def before_and_after(page: Page) -> tuple[np.ndarray, np.ndarray]:
    """Return both sides of the photo that the Edit tab shows."""
    return pixels(page, page.locator("#edit-before img")), pixels(page, page.locator("#edit-after img"))


def looks_like_something(image: np.ndarray) -> bool:
    return image.std() > 3


def screenshot(target: Page | Locator) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(target.screenshot())).convert("RGB"), dtype=float)
