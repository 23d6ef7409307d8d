"""Edits at full size as files to keep: one picture, or a clip. All in one zip are in `archive`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from PIL import Image

from editor.files import replace_file
from editor.image_files import load_image, load_layers
from editor.transparency import as_transparent
from editor.views.animation import AnimationFormat
from editor.views.clip import ClipShape, save_clip
from editor.workspace.download_names import DEFAULT_NAMES, NamePattern
from editor.workspace.editing import Editing, edited_clip
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
        stem, suffix, data = self.encoded(wanted, settings, format, names)
        self._workspace.require_space(len(data))
        path = self._workspace.new_cache_folder("downloads") / f"{stem}{suffix}"
        replace_file(path, data, is_lasting=False)
        return path

    def encoded(
        self, wanted: DownloadItem, settings: EditSettings, format: FileFormat, names: NamePattern = DEFAULT_NAMES
    ) -> tuple[str, str, bytes]:
        """Return what the file of one edit is called, its ending, and its bytes. Nothing is written.

        Raises:
            WorkspaceError, ImageError: As for `picture`.
        """
        require_format(format)
        data = BytesIO()
        self._made(wanted, settings, format).save(data, format=format.upper(), **SAVE_OPTIONS[format])
        return self.stem(wanted, settings, names), SUFFIXES[format], data.getvalue()

    def film(
        self, wanted: DownloadItem, settings: EditSettings, names: NamePattern = DEFAULT_NAMES
    ) -> tuple[str, str, Path]:
        """Return what the file of an edited clip is called, its ending, and where it is. Nothing is edited.

        Raises:
            WorkspaceError: It is not edited in that way, or the run is gone.
        """
        place = edited_clip(wanted.photo, settings, wanted.brush)
        if not place.is_file():
            raise WorkspaceError(f"{wanted.photo.name} is a clip that is not edited yet. Show it and edit it first.")
        return self.stem(wanted, settings, names), place.suffix, place

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
        path = folder / f"{self.stem(wanted, settings, DEFAULT_NAMES)}-clip.{format}"
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

    def stem(self, wanted: DownloadItem, settings: EditSettings, names: NamePattern) -> str:
        """Return what the file of an edit is called, without its ending."""
        effect = slugify(self._training.open(settings.run).effect)
        return names.stem(name=Path(wanted.photo.name).stem, effect=effect, number=wanted.number)


def require_format(format: FileFormat) -> None:
    """Make sure that a picture can be saved like that.

    Raises:
        WorkspaceError: It cannot.
    """
    if format not in SAVE_OPTIONS:
        raise WorkspaceError(f"Choose one of these formats: {', '.join(SAVE_OPTIONS)}.")
