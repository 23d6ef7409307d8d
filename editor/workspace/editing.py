"""Editing photos with the runs of a workspace. Every result is a file in the cache."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from editor.editing.editor import Editor
from editor.editing.frames import Frame, FramedPrediction, require_frames
from editor.editing.masks import as_jpeg, brushed_mask, change_outside, confine
from editor.editing.prediction import Prediction
from editor.errors import UserError
from editor.files import replace_file
from editor.image_files import ImageError, load_image, load_layers, picture_size
from editor.images import to_image
from editor.pairs.errors import PairError
from editor.pairs.folder import Pair, same_shape
from editor.pairs.names import safe_name
from editor.views.palette import SEQUENTIAL
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.photos import UNDO_STEPS, Differing, EditedPhoto, EditSettings, EditVariant, Photo
from editor.workspace.predictions import Predictions
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace

SMALL_SIDE = 1024  # pixels: what is looked at while a control is moved
THUMBNAIL_SIDE = 192
VARIANT_SIDE = 640
NUM_KEPT = 4  # edits of one photo on disk
NUM_TRIED, NUM_DIFFERING = 8, 4  # references: how many are tried, and how many of them are shown


class Editing:
    """Edits photos with the runs of a workspace. All files are in the cache; safe to use from any thread."""

    def __init__(self, workspace: Workspace, training: Training, device: torch.device) -> None:
        self._workspace = workspace
        self._training = training
        self._predictions = Predictions(training, device)
        self._jpeg: tuple[Path, Image.Image] | None = None  # the small copy of the last photo, and that as JPEG

    def version(self, run: str) -> int:
        """Return a number that changes whenever a run's weights do; 0 while there are none."""
        return self._predictions.version(run)

    def editor(self, run: str) -> Editor:
        """Return the run's editor with its chosen weights.

        Raises:
            WorkspaceError, RunError: There is no such run, or it has learned nothing yet.
            EditorError: Its weights cannot be used.
        """
        return self._predictions.editor(run)

    def examples(self, run: str) -> list[Pair]:
        """Return pairs that a run has never learned from, to try it with; the effect's own pictures if they are there.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        slug = self._training.open(run).effect_slug
        try:
            originals = {pair.name: pair for pair in self._workspace.pairs(slug)} if slug else {}
        except (WorkspaceError, PairError):  # the effect is gone, and the run has copies
            originals = {}
        return [originals.get(pair.name, pair) for pair in self._training.pairs(run) if pair.is_held_out]

    @disk_errors_in_words()
    def open_photo(self, photo: Path, name: str | None = None) -> Photo:
        """Copy a photo as it is understood: upright, in RGB, as PNG; and with its transparency, where it has any.

        Args:
            photo: The file.
            name: What the person calls the file.

        Raises:
            ImageError: The file is not a usable picture.
            SpaceError: The disk is full.
        """
        name = name or photo.name
        layers = load_layers(photo, name)
        image = layers.shown()
        self._workspace.require_space((4 if layers.opacity is None else 8) * image.width * image.height)
        folder = self._workspace.new_cache_folder("edits")
        path = small = folder / f"{safe_name(Path(name).stem)}.png"
        _save_quickly(image, path)
        if max(image.size) > SMALL_SIDE:
            small = folder / "small" / path.name
            small.parent.mkdir()
            _save_quickly(_reduced(image, SMALL_SIDE), small)
        transparent = None
        if layers.opacity is not None:
            transparent = folder / "transparent" / path.name
            transparent.parent.mkdir()
            _save_quickly(layers.merged(), transparent)
        return Photo(name, path, small, photo, transparent, layers.backdrop)

    def touch(self, photos: Sequence[Photo]) -> list[Photo]:
        """Restart the time to live of photos in the cache, and return those that are still there."""
        for photo in photos:
            self._workspace.touch(photo.path.parent)
        return [photo for photo in photos if photo.path.is_file()]

    @disk_errors_in_words()
    def save_brush(self, photo: Photo, drawing: Path) -> Path:
        """Copy what a person brushed, white on black, beside its photo, and return the copy.

        Raises:
            ImageError: It is no picture.
        """
        # Twice the steps that can be undone, for strokes that were undone and replaced by others count, too.
        return self._write(photo, "brush", str(drawing), load_image(drawing), num_kept=2 * UNDO_STEPS)

    @disk_errors_in_words()
    def save_correction(self, photo: Photo, picture: Path, *, is_painted: bool = False) -> Path:
        """Copy what a person made of an edit beside its photo, and return the copy. The last `UNDO_STEPS` are kept.

        Args:
            photo: The photo.
            picture: What became of its edit.
            is_painted: Whether that was done in the page, on the edit as it is: then it has just its size.

        Raises:
            ImageError: It is no picture.
            WorkspaceError: It is of another shape than the photo or, if it was painted in the page, of another size.
        """
        image, size = load_layers(picture).on(photo.backdrop), picture_size(photo.path, photo.name)
        if not same_shape(image.size, size):
            raise WorkspaceError(
                f"The corrected picture is {image.width} x {image.height} pixels and {photo.name} is "
                f"{size[0]} x {size[1]}. Correct the downloaded edit without cropping it."
            )
        if is_painted and image.size != size:
            raise WorkspaceError(
                f"What you retouched is {image.width} x {image.height} pixels and {photo.name} is {size[0]} x "
                f"{size[1]}: it was only a quick look. Wait for the full edit, then retouch that."
            )
        return self._write(photo, "corrected", sha256(image.tobytes()).hexdigest(), image, num_kept=UNDO_STEPS)

    def require_frames(self, photo: Photo, frames: Sequence[Frame]) -> None:
        """Make sure that a photo can have these frames.

        Raises:
            EditorError: There are too many, or one does not lie in the photo.
        """
        require_frames(frames, picture_size(photo.path, photo.name))

    @disk_errors_in_words()
    def edit(self, photo: Photo, settings: EditSettings, brush: Path | None = None) -> EditedPhoto:
        """Edit one photo at its full size.

        Args:
            photo: What `open_photo` returned.
            settings: How.
            brush: Where the photo may change, white on black, for the mask "brushed".

        Raises:
            ImageError: The photo is no longer there.
            WorkspaceError, RunError, EditorError: There is no such run, or it has learned nothing yet.
            SpaceError: The disk is almost full, or the workspace has reached its limit.
        """
        start = time.perf_counter()
        image = load_image(photo.path, photo.name)
        self._workspace.require_space(4 * image.width * image.height)
        prediction = self._predictions.get(photo, settings, image)
        key = edit_key(photo, settings, brush)
        after = self._write(photo, "edit", key, self._applied(prediction, image, settings, brush))
        small = load_image(photo.small, photo.name)
        mask = self._mask(prediction, small.size, settings, brush)
        levels = prediction.disagreement_in_content()
        # With a mask nothing outside of it changes, so there is nothing to measure.
        free = prediction.apply(small, strength=settings.strength) if settings.mask == "everywhere" else small
        return EditedPhoto(
            before=photo.path,
            after=after,
            size=image.size,
            seconds=time.perf_counter() - start,
            references=prediction.references,
            pasted=prediction.pasted,
            area=self._write(photo, "area", key, Image.merge("LA", (Image.new("L", mask.size, 255), mask))),
            heat=None if levels is None else self._write(photo, "heat", key, _heat(levels)),
            heat_max=0.0 if levels is None else _heat_max(levels),
            change_outside=change_outside(small, free, mask),
            jpeg_outside=change_outside(small, self._as_jpeg(photo, small), mask),
        )

    def preview(self, photo: Photo, settings: EditSettings, brush: Path | None = None) -> bytes:
        """Return a quick look at `edit`, as the bytes of a JPEG at most `SMALL_SIDE` pixels long."""
        small = load_image(photo.small, photo.name)
        prediction = self._predictions.get(photo, settings)
        data = BytesIO()
        self._applied(prediction, small, settings, brush).save(data, format="JPEG", quality=90)
        return data.getvalue()

    @disk_errors_in_words()
    def thumbnail(
        self, photo: Photo, settings: EditSettings, brush: Path | None = None, *, is_wanted: bool
    ) -> Path | None:
        """Return a small picture of an edit with the learned strength.

        Args:
            photo: The photo.
            settings: How; strength does not matter, and the mask only where the person brushed.
            brush: Where the photo may change, for the mask "brushed".
            is_wanted: Whether to make it if it is not there; else None is returned then.
        """
        brush = brush if settings.mask == "brushed" else None
        settings = replace(settings, strength=1.0, mask="brushed" if brush else "everywhere")
        key = edit_key(photo, settings, brush)
        path = self._place(photo, "thumbnail", key)
        if not path.is_file():
            if not is_wanted:
                return None
            image = load_image(photo.path, photo.name)
            prediction = self._predictions.get(photo, settings, image)
            small = self._applied(prediction, _reduced(image, THUMBNAIL_SIDE), settings, brush)
            self._write(photo, "thumbnail", key, small)
        return path

    def by_references(self, photo: Photo, settings: EditSettings, brush: Path | None = None) -> Differing:
        """Edit one photo by several reference pairs, and return those edits that differ most.

        Raises:
            WorkspaceError, RunError, EditorError: There is no such run, or it has learned nothing yet.
        """
        names = [pair.name for pair in self._training.pairs(settings.run) if not pair.is_held_out]
        count = min(NUM_TRIED, len(names))
        tried = [names[index * len(names) // count] for index in range(count)]
        found = self.variants(photo, [replace(settings, reference=name) for name in tried], brush)
        pixels = [np.asarray(load_image(variant.picture), dtype=np.float32) for variant in found]
        chosen, nearest = [0], _differences(pixels, 0)  # farthest point sampling
        while len(chosen) < min(NUM_DIFFERING, count):
            chosen.append(int(nearest.argmax()))
            nearest = np.minimum(nearest, _differences(pixels, chosen[-1]))
        levels = max(float(_differences([pixels[k] for k in chosen], index).max()) for index in range(len(chosen)))
        return Differing([found[index] for index in chosen], levels)

    @disk_errors_in_words()
    def variants(self, photo: Photo, wanted: Sequence[EditSettings], brush: Path | None = None) -> list[EditVariant]:
        """Edit one photo in several ways, to be looked at side by side.

        Args:
            photo: The photo.
            wanted: The ways.
            brush: Where it may change, for the mask "brushed".

        Raises:
            WorkspaceError, RunError: A run is not there, or it cannot edit; which one is said.
        """
        image = load_image(photo.path, photo.name)
        small = _reduced(image, VARIANT_SIDE)
        variants = []
        for settings in wanted:
            snapshot = self._training.status(settings.run)
            try:
                prediction = self._predictions.get(photo, settings, image)
            except UserError as error:
                raise WorkspaceError(f"{snapshot.run.name}: {error}") from error
            picture = self._applied(prediction, small, settings, brush)
            path = self._write(
                photo, "variant", edit_key(photo, settings, brush), picture, num_kept=len(wanted) + NUM_KEPT
            )
            previews = snapshot.history.previews
            variants.append(EditVariant(path, settings, snapshot.run.name, previews[-1].psnr if previews else None))
        return variants

    def full_size(self, photo: Photo, settings: EditSettings, brush: Path | None = None) -> Image.Image:
        """Return the edit of a photo at its full size; see `edit`, whose file is read if it is still in the cache."""
        path = self._place(photo, "edit", edit_key(photo, settings, brush))
        if path.is_file():
            with suppress(ImageError):  # another thread may drop it at this moment
                return load_image(path, photo.name)
        image = load_image(photo.path, photo.name)
        return self._applied(self._predictions.get(photo, settings, image), image, settings, brush)

    def frame_editor(
        self, photo: Photo, settings: EditSettings, brush: Path | None = None
    ) -> Callable[[Image.Image], Image.Image]:
        """Return what edits each frame of a clip, given its first frame: all by one reference, with the same noise.

        Otherwise an edit flickers.

        Raises:
            WorkspaceError, RunError, EditorError, ImageError: As for `edit`.
        """
        settings = replace(settings, reference=self._predictions.get(photo, settings).references[0])

        def edit(frame: Image.Image) -> Image.Image:
            return self._applied(self._predictions.of(frame, photo.frames, settings), frame, settings, brush)

        return edit

    def _as_jpeg(self, photo: Photo, small: Image.Image) -> Image.Image:
        """Return the small copy of a photo after saving as JPEG, which no setting of an edit changes."""
        known = self._jpeg
        if known is None or known[0] != photo.small:
            self._jpeg = known = photo.small, as_jpeg(small)
        return known[1]

    def _applied(
        self, prediction: Prediction | FramedPrediction, image: Image.Image, settings: EditSettings, brush: Path | None
    ) -> Image.Image:
        edit = prediction.apply(image, strength=settings.strength)
        if settings.mask == "everywhere":
            return edit
        return confine(edit, image, self._mask(prediction, image.size, settings, brush))

    def _mask(
        self,
        prediction: Prediction | FramedPrediction,
        size: tuple[int, int],
        settings: EditSettings,
        brush: Path | None,
    ) -> Image.Image:
        if settings.mask == "brushed" and brush is not None:
            return brushed_mask(load_image(brush), size)
        return prediction.mask(size)

    def _place(self, photo: Photo, kind: str, key: str) -> Path:
        return photo.path.parent / kind / f"{sha256(key.encode()).hexdigest()[:16]}.png"

    def _write(self, photo: Photo, kind: str, key: str, image: Image.Image, num_kept: int = NUM_KEPT) -> Path:
        """Write a picture beside its photo, and drop the oldest of its kind."""
        path = self._place(photo, kind, key)
        path.parent.mkdir(exist_ok=True)
        _save_quickly(image, path)
        kept = sorted(path.parent.glob("*.png"), key=lambda file: file.stat().st_mtime_ns)
        for old in kept[:-num_kept]:
            old.unlink(missing_ok=True)
        return path


def _differences(pictures: Sequence[NDArray[np.float32]], index: int) -> NDArray[np.float32]:
    """Return the mean absolute difference of each picture from one of them, which itself counts as the nearest."""
    found = np.array([np.abs(picture - pictures[index]).mean() for picture in pictures])
    found[index] = -1.0
    return found


def edit_key(photo: Photo, settings: EditSettings, brush: Path | None) -> str:
    """Return what an edit of one photo depends on: weights, reference, seed, strength and where it may change."""
    return f"{settings}{brush}{photo.frames}"


def edited_clip(photo: Photo, settings: EditSettings, brush: Path | None) -> Path:
    """Return where the edit of a clip is, given its first frame and how that is edited, once it is made."""
    key = sha256(edit_key(photo, settings, brush).encode()).hexdigest()[:16]
    return photo.clip.with_name(f"{key}{photo.clip.suffix}")


def _reduced(image: Image.Image, side: int) -> Image.Image:
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return small


def _heat_max(levels: NDArray[np.float32]) -> float:
    return max(float(levels.max()), 8.0)  # less is noise, and not to be made bright


def _heat(levels: NDArray[np.float32]) -> Image.Image:
    return to_image(SEQUENTIAL(torch.from_numpy(levels) / _heat_max(levels)))


def _save_quickly(image: Image.Image, path: Path) -> None:
    """Write a picture for the page as PNG: lossless, and a third of the time for a tenth more bytes."""
    data = BytesIO()
    image.save(data, format="PNG", compress_level=1)
    replace_file(path, data.getvalue(), is_lasting=False)
