"""Contact sheets: source, the edit of every method, and the true target of some test pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from editor.benchmarks.methods import UNTRAINED
from editor.benchmarks.results import Result, find
from editor.benchmarks.tables import Setting, methods_of, of_setting, settings_of
from editor.benchmarks.tasks import Task
from editor.image_files import load_image, save_png
from editor.images import to_image
from editor.views.strip import StripRow, strip

MAX_ROWS = 8
SIDES = 128, 256  # smallest and largest side of a picture on the sheet, in pixels


def draw_sheets(results: Sequence[Result], tasks: Sequence[Task], output: Path) -> None:
    """Write `sheets/TASK-N-shots-LENGTH-SIZE-px.png` for every setting of every one of these tasks.

    Pictures are chosen at even distances from the test pairs. Of several seeds the first is shown. Baselines without
    training look like the source and are left out, as are methods whose edits are no longer on disk.
    """
    for task in tasks:
        for setting in settings_of(find(results, task=task.name)):
            sheet = _sheet(of_setting(find(results, task=task.name), setting), task, setting, output)
            if sheet is None:
                continue
            length = setting.length().replace(" ", "-")
            name = f"{task.name}-{setting.shots}-shots-{length}-{setting.size}-px.png"
            path = output / "sheets" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            save_png(sheet, path)


def _sheet(results: Sequence[Result], task: Task, setting: Setting, output: Path) -> Image.Image | None:
    test = task.test(setting.size)
    shown = sorted({round(k * (len(test) - 1) / (MAX_ROWS - 1)) for k in range(MAX_ROWS)})
    edits: dict[str, list[Image.Image]] = {}
    for method in methods_of(results):
        first = min(find(results, method=method), key=lambda result: result.cell.seed)
        paths = [output / first.cell.folder / f"{test.names[index]}.png" for index in shown]
        if method not in UNTRAINED and all(path.is_file() for path in paths):
            edits[method] = [load_image(path) for path in paths]
    if not edits:
        return None
    rows = [
        StripRow("", [to_image(test.x[index]), *(images[row] for images in edits.values()), to_image(test.y[index])])
        for row, index in enumerate(shown)
    ]
    return strip(["source", *edits, "truth"], rows, side=min(max(setting.size, SIDES[0]), SIDES[1]))
