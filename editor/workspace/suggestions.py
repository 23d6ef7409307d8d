"""Frames that are suggested for a photo that is far larger than the pictures that a run has learned from."""

from __future__ import annotations

from typing import NamedTuple

from editor.editing.detection import FeatureSpace
from editor.editing.editor import Editor
from editor.editing.frames import SMALLEST, Frame
from editor.editing.masks import learned_region
from editor.image_files import load_image, picture_size
from editor.images import to_image
from editor.workspace.editing import Editing
from editor.workspace.photos import EditSettings, Photo

LARGE = 8  # times the model's side
LOCAL = 0.5  # share of a picture: an effect that changes more is one of whole photos
NUM_KEPT = 256  # suggestions in memory
NUM_PICTURES = 60  # of a run that are looked at


class Suggestion(NamedTuple):
    """What is suggested for a photo.

    Attributes:
        is_large: Whether the photo is so large that what was learned may be small in it.
        frames: The parts of it that look like the learned pictures.
    """

    is_large: bool = False
    frames: tuple[Frame, ...] = ()


class Suggestions:
    """Suggests frames, and remembers what it found. Safe to use from any thread."""

    def __init__(self, editing: Editing) -> None:
        self._editing = editing
        self._found: dict[tuple[object, ...], Suggestion] = {}
        self._learned: tuple[object, FeatureSpace | None] = None, None  # of the run that was asked about last

    def for_photo(self, photo: Photo, settings: EditSettings) -> Suggestion:
        """Return what is suggested for a photo; nothing where it has frames.

        Raises:
            ImageError: The photo is no longer there.
            WorkspaceError, RunError, EditorError: There is no such run, or it has learned nothing yet.
        """
        if photo.frames:
            return Suggestion()
        key = photo.path, settings.run
        if key not in self._found:
            found = self._find(photo, settings.run)
            self._found = {**dict(list(self._found.items())[1 - NUM_KEPT :]), key: found}
        return self._found[key]

    def _find(self, photo: Photo, run: str) -> Suggestion:
        editor, size = self._editing.editor(run), picture_size(photo.path, photo.name)
        if max(size) < LARGE * editor.image_size:
            return Suggestion()
        known, space = self._learned
        if known != run:
            space = _learned(editor)
            self._learned = run, space
        if space is None:
            return Suggestion()
        small = load_image(photo.small, photo.name)
        scale = max(size) / max(small.size)
        frames = [Frame(*(round(number * scale) for number in frame)).within(size) for frame in space.find(small)]
        if any(2 * frame.side >= min(size) for frame in frames):  # it fills the photo
            return Suggestion()
        return Suggestion(True, tuple(frame for frame in frames if frame.side >= SMALLEST))


def _learned(editor: Editor) -> FeatureSpace | None:
    """Return how to recognize what a run has learned from; None where it changes whole pictures, or has few of them."""
    if not editor.model.may_add:  # its pairs show what a color map or a detail filter leaves to be changed
        return None
    pairs = [editor.pair(name) for name in editor.references[:NUM_PICTURES]]
    changed = [float(learned_region(pair[:1], pair[1:]).mean()) for pair in pairs]
    if not changed or sum(changed) / len(changed) > LOCAL:
        return None
    return FeatureSpace.of([to_image(pair[0]) for pair in pairs])
