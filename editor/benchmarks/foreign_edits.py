"""Edits that another program has made of a task's test sources: scored beside the methods that train here.

So the rest of the paper's Table 1 can stand in the tables without its networks, or whatever else edits pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from editor.benchmarks.methods import METHODS
from editor.benchmarks.results import Cell, CurvePoint, Result
from editor.benchmarks.scoring import score
from editor.benchmarks.trial import Trial
from editor.data.dataset import PairDataset
from editor.errors import UserError
from editor.image_files import SUFFIXES, load_image
from editor.images import square_of, to_tensor
from editor.metrics.judges import NO_JUDGES, Judges

PREFIX = "edits:"
HOW = "Write edits:NAME=DIR, where DIR has the edit of each test picture under the picture's name, or a folder of them "


def split_methods(words: list[str]) -> tuple[list[str], dict[str, Path]]:
    """Tell methods that train here from the edits of others.

    Args:
        words: Names of methods, and `edits:NAME=DIR`.

    Returns:
        All names in their order, and the folders of those whose edits are there.

    Raises:
        UserError: It is not written so, a name is taken, or there is no such folder.
    """
    names, folders = [], {}
    for word in words:
        if not word.startswith(PREFIX):
            names.append(word)
            continue
        name, _, folder = word.removeprefix(PREFIX).partition("=")
        if not re.fullmatch(r"\w[\w.-]{0,59}", name) or not folder:
            raise UserError(f"{word!r} cannot be read. {HOW}for each task.")
        if name in METHODS or name in folders:
            raise UserError(f"The name {name} stands for another method already. Choose another one for these edits.")
        if not Path(folder).is_dir():
            raise UserError(f"There is no folder {folder}. {HOW}for each task.")
        names.append(name)
        folders[name] = Path(folder)
    return names, folders


def score_edits(cell: Cell, folder: Path, *, test: PairDataset, judges: Judges = NO_JUDGES) -> Trial:
    """Score what lies in DIR/TASK or, where there is no such folder, in DIR.

    Args:
        cell: With the name of the row; nothing was trained.
        folder: DIR.
        test: The pairs to score by, at `cell.size`. An edit of another size is brought to it as their pictures are.
        judges: Measure what needs pretrained networks.

    Raises:
        UserError: An edit is missing or cannot be read.
    """
    place = folder / cell.task if (folder / cell.task).is_dir() else folder
    found = {path.stem: path for path in sorted(place.iterdir()) if path.suffix.lower() in SUFFIXES}
    edits = torch.stack([_load(found, name, place, cell.size) for name in test.names])
    figures = score(x=test.x, y_hat=edits, y=test.y, judges=judges)
    result = Result(
        cell=cell,
        figures=figures,
        curve=(CurvePoint(0.0, figures.psnr),),
        pairs=0,
        steps=0,
        seconds=0.0,
        cores_used=0.0,
        parameters=None,
        seconds_per_edit=None,
        peak_memory_mib=None,
        machine="another program",
        settings={},
    )
    return Trial(result, edits)


def _load(found: Mapping[str, Path], name: str, place: Path, size: int) -> Tensor:
    if name not in found:
        raise UserError(f"{place} has no edit of {name}. {HOW}for each task.")
    return to_tensor(square_of(load_image(found[name]), size, "whole"))
