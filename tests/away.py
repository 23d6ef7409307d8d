"""Take an effect away from home in every way, and compare what comes back: `python -m tests.away TASK_DIR --minutes 2`.

TASK_DIR is a benchmark task: `train/` and `test/` with `source/` and `target/`. An effect is learned from its pairs. It
becomes a file, a copy, ONNX, a web page and, where it can, a .cube; the file is imported into a second workspace, and
goes to a stand-in of the Hub and back. Edits of test pictures by each are compared with the run's own.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect, sync_playwright

from editor.cli import main as editor_cli
from editor.editing.editor import Editor
from editor.errors import UserError
from editor.hub import HubId
from editor.image_files import load_image
from editor.sharing.formats import export
from editor.sharing.hub import HubChoices, push_run
from editor.training.effect_repo import fetch_effect
from editor.training.run_folder import RunFolder
from editor.workspace import Services, Workspace
from tests.browser.chromium import find_browser
from tests.standins.hub import MINE, logged_in

PATIENCE = 300_000  # milliseconds for one edit in the browser
Edit = Callable[[Path], Image.Image]


def run_cli(*arguments: object) -> None:
    """Run `python -m editor` in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["editor", *map(str, arguments)])
        try:
            editor_cli()
        except SystemExit as ended:
            if ended.code:
                raise


@contextmanager
def web_page(path: Path):
    """Open an effect's page as a double click does, and give a way to edit with it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        page = browser.new_page(accept_downloads=True)
        page.goto(path.as_uri(), timeout=PATIENCE)
        expect(page.locator("#status")).to_have_text("Ready.", timeout=PATIENCE)

        def edit(photo: Path) -> Image.Image:
            page.locator("#file").set_input_files(photo)
            expect(page.locator("#status")).to_have_text(re.compile("edited in"), timeout=PATIENCE)
            with page.expect_download(timeout=PATIENCE) as download:
                page.get_by_role("button", name="Save as PNG").click(timeout=PATIENCE)
            with Image.open(download.value.path()) as edited:
                return edited.convert("RGB")

        yield edit
        browser.close()


def by_script(model: Path) -> Edit:
    """Edit with the script that lies beside an ONNX model, which knows nothing of this project."""

    def edit(photo: Path) -> Image.Image:
        result = model.with_name("edited.png")
        script = model.with_name("edit_with_onnx.py")
        subprocess.run([sys.executable, script, model, photo, result], check=True, capture_output=True)
        return load_image(result)

    return edit


def in_workspace(root: Path, effect: Path) -> Edit:
    """Import an effect file into a workspace of its own, and edit as its page does."""
    with closing(Services(Workspace(root), device="cpu")) as services:
        dropped = shutil.copy(effect, services.workspace.new_cache_folder("dropped"))
        run = services.sharing.open(Path(dropped))
        return by_editor(services.training.open(run).path)


def by_editor(path: Path) -> Edit:
    """Edit with a run or an effect file."""
    editor = Editor.load(path, "cpu")
    return lambda photo: editor.edit(load_image(photo)).image


def compare(name: str, edit: Edit, wanted: dict[Path, Image.Image], size: int, seconds: float) -> None:
    """Print how far edits are from the run's own, in 8-bit levels."""
    means, percentiles, most = [], [], 0.0
    start = time.perf_counter()
    for photo, expected in wanted.items():
        found = np.abs(np.asarray(edit(photo), float) - np.asarray(expected, float))
        means.append(found.mean())
        percentiles.append(np.percentile(found, 99.9))
        most = max(most, found.max())
    taken = (time.perf_counter() - start) / len(wanted)
    print(
        f"{name:22} {size / 1e6:7.2f} MB, made in {seconds:5.1f} s; {len(wanted)} edits of {taken:.2f} s: "
        f"mean difference {np.mean(means):.3f} levels, 99.9 % within {max(percentiles):.0f}, most {most:.0f}",
        flush=True,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Do all of it, in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", type=Path)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--run", type=Path, help="a run that has learned, instead of learning one")
    parser.add_argument("--edits", type=int, default=20)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        root = Path(folder)
        run_path = options.run
        if run_path is None:
            run_path = root / "run"
            pairs = options.task / "train"
            run_cli("train", pairs, "--run", run_path, "--minutes", options.minutes, "--device", "cpu")
        run = RunFolder.open(run_path)
        photos = sorted((options.task / "test" / "source").iterdir())[: options.edits]
        own = by_editor(run.path)
        wanted = {photo: own(photo) for photo in photos}

        for ending, edit in ((".pairbrush", by_editor), ("", by_editor), (".onnx", by_script), (".html", None)):
            path = root / (ending[1:] or "copy") / f"effect{ending}"
            path.parent.mkdir()
            start = time.perf_counter()
            export(run, path)
            seconds = time.perf_counter() - start
            name, size = ending or "a copy", sum(file.stat().st_size for file in path.parent.rglob("*"))
            with nullcontext(edit(path)) if edit else web_page(path) as made:
                compare(name, made, wanted, size, seconds)
        effect = root / "pairbrush" / "effect.pairbrush"
        start = time.perf_counter()
        edit = in_workspace(root / "workspace", effect)
        compare("in another workspace", edit, wanted, effect.stat().st_size, time.perf_counter() - start)
        with logged_in(patch, root / "cache", MINE):
            start = time.perf_counter()
            pushed = push_run(run, "me/effect", HubChoices())
            pulled = fetch_effect(HubId.parse(f"{pushed.repo}@{pushed.revision}"), root)
            compare("pushed and pulled", by_editor(pulled), wanted, pulled.stat().st_size, time.perf_counter() - start)
        try:
            print(export(run, root / "effect.cube"))
        except UserError as error:
            print(f".cube: {error}")


if __name__ == "__main__":
    main()
