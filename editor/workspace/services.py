"""The one object of a process that the pages may call. Every open page shares it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from editor.config import PRESETS, RunConfig
from editor.device import describe, pick_device
from editor.pairs.importing import ImportReport, import_archive, import_files
from editor.pairs.samples import SAMPLE_EFFECT, draw_sample_effect
from editor.workspace.cards import RunCards
from editor.workspace.editing import Editing
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.export import Export
from editor.workspace.folders import Workspace
from editor.workspace.library import Library
from editor.workspace.training import Training


class Services:
    """What the pages may do.

    Attributes:
        workspace: Effects, their pairs, and thumbnails.
        training: Runs, and the one training job.
        editing: Edits and inspections.
        export: Edits as files to keep.
        library: Names, copies, the trash, and space.
        cards: The runs as a list.
        presets: Settings that a page offers, by name.
    """

    def __init__(
        self, workspace: Workspace, *, device: str = "auto", presets: Mapping[str, RunConfig] = PRESETS
    ) -> None:
        """Open the workspace; where it is empty, draw the sample effect.

        Raises:
            WorkspaceError: The workspace is in use or cannot be written.
            DeviceError: This machine has no such device.
        """
        chosen = pick_device(device)
        self.presets = presets
        self.device = describe(chosen)
        self.workspace = workspace
        self._lock = workspace.open()
        self.training = Training(workspace, chosen)
        self.editing = Editing(workspace, self.training, chosen)
        self.export = Export(workspace, self.training, self.editing)
        self.library = Library(workspace, self.training)
        self.cards = RunCards(self.training)
        try:
            if not (workspace.effects() or self.library.trash()):
                workspace.create_effect(SAMPLE_EFFECT, fill=draw_sample_effect)
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Stop training, keeping what was learned, and leave the workspace to others."""
        if self.training.active:
            self.training.stop()
            self.training.wait(timeout=60)
        self._lock.release()

    @disk_errors_in_words()
    def import_files(self, effect: str, sources: list[Path], targets: list[Path]) -> ImportReport:
        """Add pictures to an effect, paired by the stems of their names. Uploads among them are used up.

        Raises:
            WorkspaceError: There is no such effect, or the disk is full.
        """
        self.workspace.require_space()
        with self.workspace.lend(effect) as store:
            report = import_files(store, sources, targets)
        for path in filter(self.workspace.is_upload, (*sources, *targets)):
            path.unlink()
        return report

    @disk_errors_in_words()
    def import_folder(self, effect: str, files: Sequence[tuple[Path, str]]) -> ImportReport:
        """Add the pairs of a folder whose files a browser has uploaded one by one, or of one zip file.

        Args:
            effect: Slug of the effect.
            files: Where each upload lies, and its path inside the folder as the browser tells it.

        Raises:
            WorkspaceError: There is no such effect, a file is not an upload, or the disk is full.
        """
        self.workspace.require_space()
        if not all(self.workspace.is_upload(upload) for upload, _ in files):
            raise WorkspaceError("The folder could not be uploaded. Reload the page and drop it again.")
        if len(files) == 1 and files[0][1].lower().endswith(".zip"):
            with self.workspace.lend(effect) as store:
                return import_archive(store, files[0][0])
        parent = self.workspace.fresh_cache("folders")
        folder = parent / "The folder"  # what problems call it
        try:
            for upload, name in files:
                parts = [part for part in PurePosixPath(name).parts if part not in ("/", ".", "..")]
                place = folder.joinpath(*parts).resolve()
                if not parts or not place.is_relative_to(folder):
                    raise WorkspaceError(f"The file {name} has a path that leads out of its folder. Rename it.")
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(upload, place)
            with self.workspace.lend(effect) as store:
                return import_archive(store, folder)
        finally:
            shutil.rmtree(parent, ignore_errors=True)
