"""`registration.json` in a run's folder: what registration found, so that it is not computed again.

It takes a second for twenty pairs and minutes for thousands. A file that does not fit the pairs is computed anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor

from editor.config import RegistrationMode
from editor.data.dataset import PairDataset
from editor.json_files import JsonFileError, JsonFormat
from editor.training.registration import GRID, Registration, find_registration
from editor.validation import STRICT, between

FORMAT = JsonFormat()
DIGITS = 6  # of an offset, in units of half a side: far below a pixel

Offsets = list[
    Annotated[list[Annotated[float, between(-10, 10)]], Field(min_length=2 * GRID**2, max_length=2 * GRID**2)]
]


class _File(BaseModel):
    """What the file says.

    Attributes:
        sha256: Of the pairs and the mode that it is about.
        training: See `Registration`; one list of numbers for each pair.
        held_out: The same.
    """

    model_config = ConfigDict(**STRICT)

    sha256: str
    training: Offsets | None
    held_out: Offsets | None


def kept_registration(path: Path, training: PairDataset, held_out: PairDataset, mode: RegistrationMode) -> Registration:
    """Return what the file says, or else find it out and write it down. Arguments as of `find_registration`.

    Raises:
        NewerFileError: A newer Pairbrush wrote the file.
        OSError: The file cannot be written.
    """
    if (found := read_registration(path, training, held_out, mode)) is not None:
        return found
    found = find_registration(training, held_out, mode)
    FORMAT.write(
        path,
        {
            "sha256": _digest(training, held_out, mode),
            "training": _listed(found.training),
            "held_out": _listed(found.held_out),
        },
    )
    return read_registration(path, training, held_out, mode) or found  # rounded, like every time that it is read


def read_registration(
    path: Path, training: PairDataset, held_out: PairDataset, mode: RegistrationMode
) -> Registration | None:
    """Return what the file says, or None if it is missing, damaged or about other pairs. Nothing is written."""
    try:
        file = _File.model_validate(FORMAT.read(path))
    except (FileNotFoundError, JsonFileError, ValidationError):
        return None
    if file.sha256 != _digest(training, held_out, mode):
        return None
    lengths = [None if item is None else len(item) for item in (file.training, file.held_out)]
    if lengths not in ([None, None], [len(training), len(held_out)]):
        return None
    return Registration(_tensor(file.training), _tensor(file.held_out))


def _digest(training: PairDataset, held_out: PairDataset, mode: RegistrationMode) -> str:
    digest = hashlib.sha256(repr((mode, training.names, held_out.names)).encode())
    for pairs in (training, held_out):
        digest.update(pairs.pixels.contiguous().numpy())
    return digest.hexdigest()


def _listed(offsets: Tensor | None) -> list[list[float]] | None:
    return None if offsets is None else [[round(value, DIGITS) for value in row] for row in offsets.flatten(1).tolist()]


def _tensor(offsets: Offsets | None) -> Tensor | None:
    return None if offsets is None else torch.tensor(offsets, dtype=torch.float32).view(-1, 2, GRID, GRID)
