"""An effect on the Hugging Face Hub: the parts of an effect file, each a file of the repository."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from editor.files import replace_file
from editor.hub import Hub, HubId
from editor.training.effect_file import KINDS, MAX_TOTAL, SUFFIX

MAX_SAMPLES = 8  # pairs that the card of a repository shows
PARTS = ("config.json", "model.safetensors", "card.md", "cutouts/*.png", "pairs/*.jpg")  # * is any part of a path


def fetch_effect(wanted: HubId, folder: Path, hub: Hub | None = None) -> Path:
    """Download an effect and return it as an effect file, which is read with the same care as any other.

    Args:
        wanted: The repository and its version.
        folder: Where the file goes; it is called after the repository.
        hub: As whom; None for the one that this machine is logged in as.

    Raises:
        HubError: It cannot be had; the message says why.
        OSError: The folder cannot be written.
    """
    pulled = (hub or Hub()).pull(wanted, allow=PARTS, max_bytes=MAX_TOTAL)
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path in sorted(pulled.rglob("*")):
            name = path.relative_to(pulled).as_posix()
            if path.is_file() and any(kind.fullmatch(name) for kind in KINDS):
                archive.write(path, name)
    file = folder / f"{wanted.repo.partition('/')[2]}{SUFFIX}"
    replace_file(file, data.getvalue())
    return file
