"""What a run can be exported as: one function for each ending of the name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from editor.sharing.effect import export_effect
from editor.sharing.onnx_graph import export_onnx, export_zip
from editor.sharing.web_page import export_page, export_space
from editor.training.checkpoint import describe_weights
from editor.training.cube import export_cube
from editor.training.export import export_run
from editor.training.manifest import intact_version
from editor.training.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decides on for a file that others may get. Each format looks at what concerns it.

    Attributes:
        pairs: Names of the pairs that go along; none by default, for they are photographs.
        license: The terms that are written on the card, such as "cc-by-4.0"; empty where the person names none.
    """

    pairs: tuple[str, ...] = ()
    license: str = ""


NOTHING_MORE = Choices()

Export = Callable[[RunFolder, Path, Choices], str]  # writes a run to a path and says in a sentence what that is


def _folder(run: RunFolder, path: Path, choices: Choices) -> str:
    copy = export_run(run, path)
    return f"{copy.path} edits like {run.path}: python -m editor edit {copy.path} IMAGE --output OUT"


def _cube(run: RunFolder, path: Path, choices: Choices) -> str:
    explained = export_cube(run, path)
    held = "the colors, not how bright places are," if explained is None else f"{explained:.0%}"
    grain = " Grain is not in it." if describe_weights(intact_version(run.weights_path)).has_grain else ""
    return f"{path} holds {held} of the effect, for any program that reads .cube files.{grain}"


def _effect(run: RunFolder, path: Path, choices: Choices) -> str:
    compared = export_effect(run, path, pairs=choices.pairs, license=choices.license)
    near = f"its edits and those of the run agree to {compared.agreement:.0f} dB" if compared else "with its pairs"
    return f"{path} edits like {run.path} ({near}): python -m editor edit {path} IMAGE --output OUT"


def _no_choices(make: Callable[[RunFolder, Path], str]) -> Export:
    """Return a format in which there is nothing to decide on."""
    return lambda run, path, choices: make(run, path)


EXPORTS: Mapping[str, Export] = MappingProxyType(
    {
        ".pairbrush": _effect,
        ".cube": _cube,
        ".html": _no_choices(export_page),
        ".space": _no_choices(export_space),
        ".onnx": _no_choices(export_onnx),
        ".zip": _no_choices(export_zip),
    }
)


def export(run: RunFolder, path: Path, choices: Choices = NOTHING_MORE) -> str:
    """Write a run as what the ending of the name asks for, in any case, or else as a folder; return what was made.

    Raises:
        UserError: The run has learned nothing, it cannot become that, or there is a folder of that name already.
        OSError: It cannot be written.
    """
    return EXPORTS.get(path.suffix.lower(), _folder)(run, path, choices)
