"""A run's color map as a .cube file, which photo and film programs read (Adobe, "Cube LUT Specification 1.0")."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from editor.files import replace_file
from editor.training.checkpoint import load_model
from editor.training.manifest import intact_version
from editor.training.run_folder import RunError, RunFolder


def export_cube(run: RunFolder, path: Path) -> float | None:
    """Write the color map of a run and return the share of the effect that the file holds, 0 to 1.

    That is None where the map depends on the place in a picture, too: the file holds its colors only.

    Raises:
        RunError: The run has no color map, or one that begins with auto levels, or has learned nothing yet.
        CheckpointError, DamagedError: Its weights cannot be used.
        OSError: The file cannot be written.
    """
    run.require_weights()
    model, _ = load_model(intact_version(run.weights_path), run.config)
    if not model.explained:
        raise RunError(
            f"The effect of {run.name} is no map from color to color, so a .cube file cannot hold it. Give a folder "
            "for a copy of the run instead."
        )
    if model.color_map.auto_levels:
        raise RunError(
            f"The effect of {run.name} begins with auto levels, which differ from photo to photo, so a .cube file "
            "cannot hold it. Give a folder for a copy of the run instead."
        )
    replace_file(path, cube_text(model.color_map.table, path.stem).encode())
    return None if model.color_map.has_gains else model.explained


def cube_text(table: Tensor, title: str) -> str:
    """Return a table (s, s, s, 3) in [-1, 1], see `models.color_map`, as the text of a .cube file.

    Args:
        table: Its axes are red, green and blue; in the file red changes fastest.
        title: What programs show; characters that would end it are left out.
    """
    rows = table.permute(2, 1, 0, 3).reshape(-1, 3).add(1).div(2).clamp(0, 1).tolist()
    name = "".join(character for character in title if character.isprintable() and character != '"')
    lines = [f'TITLE "{name}"', f"LUT_3D_SIZE {len(table)}", *(" ".join(f"{v:.6f}" for v in row) for row in rows)]
    return "\n".join(lines) + "\n"
