"""Using what a run has learned: edits."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import torch

from editor.images import load_image, save_png
from editor.inference import Editor
from editor.pairs.store import safe_name
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.folders import Workspace
from editor.workspace.names import slugify
from editor.workspace.training import Training


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPhoto:
    """One edit on disk. `before` is the photo as it was understood: upright and in RGB."""

    before: Path
    after: Path
    size: tuple[int, int]  # width, height
    seconds: float
    reference: str


class Editing:
    """Holds the one loaded editor and writes edits into the cache."""

    def __init__(self, workspace: Workspace, training: Training, device: torch.device) -> None:
        self._workspace = workspace
        self._training = training
        self._device = device
        self._lock = threading.Lock()  # for what follows
        self._loaded: tuple[tuple[str, int], Editor] | None = None

    def version(self, run: str) -> int:
        """Return a number that changes whenever a run's weights do; 0 while there are none."""
        folder = self._training.open(run)
        return folder.weights_path.stat().st_mtime_ns if folder.has_weights else 0

    def editor(self, run: str) -> Editor:
        """Return the run's editor with its newest weights.

        Raises:
            WorkspaceError, RunError: There is no such run, or it has learned nothing yet.
            EditorError: Its weights cannot be used.
        """
        version = self.version(run)
        if not version:
            raise WorkspaceError("This run has learned nothing yet. Its first preview comes within seconds.")
        with self._lock:
            if self._loaded is None or self._loaded[0] != (run, version):
                path = self._training.open(run).path
                self._loaded = (run, version), Editor.load(path, device=self._device)
            return self._loaded[1]

    @disk_errors_in_words()
    def open_photo(self, photo: Path, name: str | None = None) -> Path:
        """Return a copy of a photo as it is understood: upright, in RGB, as PNG.

        Args:
            photo: The file.
            name: What the person calls the file.

        Raises:
            ImageError: The file is not a usable picture.
        """
        name = name or photo.name
        path = self._workspace.fresh_cache("edits") / f"{safe_name(Path(name).stem)}.png"
        save_png(load_image(photo, name), path)
        return path

    @disk_errors_in_words()
    def edit(
        self, run: str, photo: Path, *, name: str | None = None, seed: int = 0, reference: str | None = None
    ) -> EditedPhoto:
        """Edit one photo of any size.

        Args:
            run: Which run's editor.
            photo: The file.
            name: What the person calls the file.
            seed: Source of all noise and of the choice of a reference.
            reference: Name of the pair to go by.

        Raises:
            ImageError: The file is not a usable picture.
            WorkspaceError, RunError, EditorError: There is no such run, or it has learned nothing yet.
        """
        name = name or photo.name
        image = load_image(photo, name)
        result = self.editor(run).edit(image, seed=seed, reference=reference)
        directory = self._workspace.fresh_cache("edits")
        stem = safe_name(Path(name).stem)
        before = directory / f"{stem}.png"
        after = directory / f"{stem}-{slugify(self._training.open(run).effect)}.png"
        save_png(image, before)
        save_png(result.image, after)
        return EditedPhoto(
            before=before,
            after=after,
            size=result.image.size,
            seconds=result.seconds,
            reference=result.reference,
        )
