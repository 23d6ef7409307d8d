"""What can be made of the runs of a workspace for other people and programs. Every result is a file in the cache."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import NamedTuple

from editor.sharing.formats import EXPORTS, NOTHING_MORE, Choices, export
from editor.training.checkpoint import describe_weights
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.file_cache import CachedFiles
from editor.workspace.names import slugify
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace

MOST_BYTES = 200 * 10**6  # that a file made of a run may take, to see whether there is room for one


class ShareFacts(NamedTuple):
    """What the Share tab says of a run.

    Attributes:
        weight_bytes: Size of the weights that edit, at half the precision.
        explained: Share of the effect that its colors alone explain, 0 to 1; None where it has no color map.
    """

    weight_bytes: int
    explained: float | None


class Sharing:
    """Makes files of runs for a person to give away."""

    def __init__(self, workspace: Workspace, training: Training) -> None:
        self._workspace = workspace
        self._training = training
        self._facts: dict[Path, CachedFiles[ShareFacts]] = {}  # by the weights of a run

    def facts(self, run: str) -> ShareFacts:
        """Return what can be said of a run that has learned something; cheap to ask every second.

        Raises:
            WorkspaceError, RunError: There is no such run.
            CheckpointError: Its weights cannot be read.
        """
        path = self._training.open(run).editing_weights_path
        self._facts = {known: facts for known, facts in self._facts.items() if known == path or known.is_file()}
        return self._facts.setdefault(path, CachedFiles([path], partial(_facts, path))).get()

    @disk_errors_in_words()
    def make(self, run: str, suffix: str, choices: Choices = NOTHING_MORE) -> Path:
        """Write a run as one of `EXPORTS` and return the file, called after the effect.

        Args:
            run: The id of the run.
            suffix: The ending of the file's name.
            choices: What goes along.

        Raises:
            WorkspaceError, RunError: There is no such run or format, or it has learned nothing yet.
            UserError: It cannot become that.
            SpaceError: There is no room for it.
        """
        if suffix not in EXPORTS:
            raise WorkspaceError(f"Choose one of these formats: {', '.join(EXPORTS)}.")
        folder = self._training.open(run)
        self._workspace.require_space(MOST_BYTES)
        path = self._workspace.new_cache_folder("shared") / f"{slugify(folder.effect)}{suffix}"
        export(folder, path, choices)
        return path


def _facts(weights: Path) -> ShareFacts:
    num_bytes, explained = describe_weights(weights)
    return ShareFacts(num_bytes, explained)
