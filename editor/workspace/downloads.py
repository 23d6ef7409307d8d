"""Edits at full size as files to keep: one picture, or all in one zip."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from PIL import Image

from editor.files import replace_file
from editor.image_files import ImageError, load_image, load_layers
from editor.pairs.names import UniqueNames
from editor.transparency import as_transparent
from editor.views.animation import AnimationFormat
from editor.views.clip import ClipShape, save_clip
from editor.workspace.download_names import DEFAULT_NAMES, NamePattern
from editor.workspace.editing import Editing
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.names import slugify
from editor.workspace.photos import EditSettings, Photo
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace

FileFormat = Literal["PNG", "JPEG", "WebP"]
SAVE_OPTIONS: dict[FileFormat, dict[str, object]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WebP": {"quality": 95, "method": 4},
}
WITH_TRANSPARENCY: tuple[FileFormat, ...] = ("PNG", "WebP")
SUFFIXES: dict[FileFormat, str] = {"PNG": ".png", "JPEG": ".jpg", "WebP": ".webp"}


class DownloadItem(NamedTuple):
    """A photo whose edit is to be saved.

    Attributes:
        photo: The photo.
        brush: See `Editing.edit`.
        corrected: What a person made of the edit; it is saved in its place.
        number: Its place among the photos, from 1.
    """

    photo: Photo
    brush: Path | None = None
    corrected: Path | None = None
    number: int = 1


class Downloads:
    """Writes edits for a person to keep."""

    def __init__(self, workspace: Workspace, training: Training, editing: Editing) -> None:
        self._workspace = workspace
        self._training = training
        self._editing = editing

    @disk_errors_in_words()
    def picture(
        self, wanted: DownloadItem, settings: EditSettings, format: FileFormat, names: NamePattern = DEFAULT_NAMES
    ) -> Path:
        """Write one edit at full size and return the file.

        Args:
            wanted: The photo.
            settings: How to edit it.
            format: What to save it as.
            names: How the file is called.

        Raises:
            WorkspaceError: The format is unknown, or the run is not there.
            ImageError: The photo is no longer there.
        """
        edit = self._made(wanted, settings, format)
        folder = self._workspace.new_cache_folder("downloads")
        return self._written(folder, self._stem(wanted, settings, names), edit, format)

    @disk_errors_in_words()
    def archive(
        self,
        wanted: Sequence[DownloadItem],
        settings: EditSettings,
        format: FileFormat,
        names: NamePattern = DEFAULT_NAMES,
    ) -> tuple[Path, list[str]]:
        """Write all edits at full size into one zip file.

        Args:
            wanted: The photos.
            settings: How to edit them.
            format: What to save them as.
            names: How the files are called; of equal names, all but the first get a number.

        Returns:
            The file, and one sentence for each photo that could not be edited. The others are in the file.

        Raises:
            WorkspaceError: None could be edited, or the run is not there.
            SpaceError: There is no room for all of them.
        """
        self._editing.editor(settings.run)  # else every photo would say that there is none
        folder = self._workspace.new_cache_folder("downloads")
        path, loose = folder / f"{self._effect(settings)}-edits.zip", folder / "loose"
        loose.mkdir()
        problems = []
        unique = UniqueNames()  # whatever their case, or one file would replace another where it is unpacked
        try:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # pictures do not shrink any further
                for one in wanted:
                    try:
                        edit = self._made(one, settings, format)
                    except ImageError as error:
                        problems.append(str(error))
                        continue
                    file = self._written(loose, unique.add(self._stem(one, settings, names)), edit, format)
                    archive.write(file, file.name)
                    file.unlink()
            if len(problems) == len(wanted):
                raise WorkspaceError("None of the photos could be edited. Drop them again.")
        except BaseException:  # half an archive is of no use to anybody
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return path, problems

    @disk_errors_in_words()
    def clip(self, wanted: DownloadItem, settings: EditSettings, format: AnimationFormat, shape: ClipShape) -> Path:
        """Write a clip that wipes from a photo to its edit and back, and return the file.

        Raises:
            WorkspaceError: There is no such format or shape, or the run is not there.
            ImageError: The photo is no longer there.
            AnimationError: An MP4, and PyAV is not installed.
        """
        if format not in get_args(AnimationFormat) or shape not in get_args(ClipShape):
            raise WorkspaceError("Choose a format and a shape of the clip.")
        self._workspace.require_space()
        edit = self._made(wanted, settings, "JPEG")  # without transparency
        folder = self._workspace.new_cache_folder("downloads")
        path = folder / f"{self._stem(wanted, settings, DEFAULT_NAMES)}-clip.{format}"
        save_clip(load_image(wanted.photo.path, wanted.photo.name), edit, path, shape)
        return path

    def _made(self, wanted: DownloadItem, settings: EditSettings, format: FileFormat) -> Image.Image:
        if wanted.corrected:
            edit = load_image(wanted.corrected, wanted.photo.name)
        else:
            edit = self._editing.full_size(wanted.photo, settings, wanted.brush)
        transparent = wanted.photo.transparent
        if transparent is None or format not in WITH_TRANSPARENCY:
            return edit
        return as_transparent(edit, load_layers(transparent, wanted.photo.name).resized(edit.size))

    def _effect(self, settings: EditSettings) -> str:
        return slugify(self._training.open(settings.run).effect)

    def _stem(self, wanted: DownloadItem, settings: EditSettings, names: NamePattern) -> str:
        return names.stem(name=Path(wanted.photo.name).stem, effect=self._effect(settings), number=wanted.number)

    def _written(self, folder: Path, stem: str, image: Image.Image, format: FileFormat) -> Path:
        if format not in SAVE_OPTIONS:
            raise WorkspaceError(f"Choose one of these formats: {', '.join(SAVE_OPTIONS)}.")
        path = folder / f"{stem}{SUFFIXES[format]}"
        data = BytesIO()
        image.save(data, format=format.upper(), **SAVE_OPTIONS[format])
        self._workspace.require_space(data.tell())
        replace_file(path, data.getvalue(), is_lasting=False)
        return path
