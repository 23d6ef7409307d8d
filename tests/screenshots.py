"""Take the pictures of the README's tabs, on a first launch with the sample effect: `python -m tests.screenshots`."""

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import find_browser
from tests.browser.pages import open_app, open_tab
from tests.faults.server import serving

WIDTH = 1200  # pixels
PATIENCE = 60_000  # milliseconds


def take(page: Page, url: str, output: Path) -> None:
    """Open every tab as a new user would, and write what they see to OUTPUT/TAB.png."""

    def shoot(name: str, height: int) -> None:
        page.set_viewport_size({"width": WIDTH, "height": height})
        page.mouse.move(0, 0)
        page.wait_for_timeout(2000)  # what is loaded or fades in has arrived
        expect(page.locator("#waiting [data-words]")).to_be_hidden(timeout=PATIENCE)
        page.screenshot(path=output / f"{name}.png")

    open_app(page, url, mode="simple")
    open_tab(page, "1 Pairs")
    expect(page.locator("#pairs-cards .pb-pair img").first).to_be_visible(timeout=PATIENCE)
    shoot("pairs", 820)

    open_tab(page, "4 Edit")
    page.locator("#edit-examples button").nth(1).click()
    expect(page.locator("#edit-note")).to_contain_text("going by pair", timeout=PATIENCE)
    shoot("edit", 860)

    open_tab(page, "2 Train")
    expect(page.locator("#train-preview .pb-edited img").first).to_be_visible(timeout=PATIENCE)
    shoot("train", 1420)

    open_tab(page, "3 Inspect")
    expect(page.locator("#inspect-flow-facts")).to_contain_text("px at the median", timeout=PATIENCE)
    shoot("inspect", 1200)


def main() -> None:
    """Read the flag, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("assets"), help="where they go; default: assets")
    output = parser.parse_args().output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "workspace") as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"]) as browser,
    ):
        take(browser.new_page(color_scheme="light"), server.url, output)


if __name__ == "__main__":
    main()
