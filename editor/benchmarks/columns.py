"""The table of figures: a row for each method, a column for each figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from editor.benchmarks.results import Result, find
from editor.benchmarks.scoring import mean_figures, mean_or_none
from editor.metrics.sharpness import CUTOFF

LEGEND = (
    "PSNR in dB, SSIM and DIoU: higher is better. DIoU is the mean over pictures, in brackets the paper's form with "
    "all regions united. Error is the root mean square in 8-bit levels inside and outside the region that should "
    "change: lower is better. Sharpness is the energy of detail finer than "
    f"{CUTOFF:g} of the Nyquist frequency against the truth's, everywhere and inside that region: 1 is right. "
    "ST-LPIPS, Fréchet, LPIPS and FID: lower is better; – where their networks were not there or not asked for. "
    "Fréchet is a distance of all edits from all targets, as FID is one, but by the features of EfficientNet-lite0: it "
    "cannot be compared with an FID, and fewer pictures than its 1,280 features make it larger. Memory is the peak "
    "while training. All on test pairs that were never trained on."
)


class _Column(NamedTuple):
    """A heading, and the text below it for the results of one method over all seeds and tasks."""

    heading: str
    cell: Callable[[Sequence[Result]], str]


def figures_table(rows: Sequence[Sequence[Result]]) -> str:
    """Return a Markdown table: each row shows the results of one method, over all seeds and tasks.

    Means are over seeds, then over tasks. Where rows cover different tasks, their number is shown.
    """
    columns = list(COLUMNS)
    if len({len(names(row, "task")) for row in rows}) > 1:
        columns.insert(1, _Column("tasks", lambda row: str(len(names(row, "task")))))
    return markdown([c.heading for c in columns], [[column.cell(row) for column in columns] for row in rows])


def _figure(name: str, digits: int) -> Callable[[Sequence[Result]], str]:
    """Return the cell function of a field of `Figures`: the mean over seeds, then over tasks."""

    def cell(row: Sequence[Result]) -> str:
        tasks = [mean_figures([r.figures for r in find(row, task=task)]) for task in names(row, "task")]
        return number(getattr(mean_figures(tasks), name), digits)

    return cell


def _fact(name: str, digits: int, scale: float = 1.0) -> Callable[[Sequence[Result]], str]:
    """Return the cell function of a field of `Result`: the mean over all results."""

    def cell(row: Sequence[Result]) -> str:
        mean = mean_or_none([getattr(result, name) for result in row])
        return number(None if mean is None else mean * scale, digits)

    return cell


def _both(a: Callable[[Sequence[Result]], str], b: Callable[[Sequence[Result]], str]) -> Callable[..., str]:
    return lambda row: f"{a(row)} ({b(row)})"


COLUMNS = (
    _Column("method", lambda row: row[0].cell.method),
    _Column("PSNR", _figure("psnr", 2)),
    _Column("SSIM", _figure("ssim", 4)),
    _Column("DIoU (united)", _both(_figure("diou", 3), _figure("union_diou", 3))),
    _Column("error inside", _figure("error_inside", 1)),
    _Column("error outside", _figure("error_outside", 2)),
    _Column("sharpness (inside)", _both(_figure("sharpness", 2), _figure("sharpness_inside", 2))),
    _Column("ST-LPIPS", _figure("st_lpips", 4)),
    _Column("Fréchet", _figure("frechet", 1)),
    _Column("LPIPS", _figure("lpips", 4)),
    _Column("FID", _figure("fid", 1)),
    _Column("steps", _fact("steps", 0)),
    _Column("parameters in millions", _fact("parameters", 2, 1e-6)),
    _Column("ms for an edit", _fact("seconds_per_edit", 0, 1e3)),
    _Column("memory in MiB", _fact("peak_memory_mib", 0)),
    _Column("cores used", _fact("cores_used", 2)),
)


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned right."""
    lines = [headings, ["---"] + ["--:"] * (len(headings) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def names(results: Sequence[Result], field: str) -> list[str]:
    """Return the different values of one field of the cells, sorted."""
    return sorted({getattr(result.cell, field) for result in results})


def number(value: float | None, digits: int) -> str:
    """Return a figure as text, a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"
