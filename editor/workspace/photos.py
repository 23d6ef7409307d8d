"""What a person edits and how they want it, and what comes out, as files in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from editor.editing.frames import Frame
from editor.editing.loading import Weights
from editor.editing.references import ReferenceChoice
from editor.transparency import NAMES, WHITE, Color

MaskMode = Literal["everywhere", "learned", "brushed"]
UNDO_STEPS = 20  # of what a person made of one edit


class Photo(NamedTuple):
    """A photo that is being edited.

    Attributes:
        name: What the person calls the file.
        path: The photo as it was understood: upright and in RGB.
        small: A copy for quick looks, or the photo itself if it is no larger.
        source: The file that it was opened from.
        transparent: The photo with its transparency, where it has any.
        backdrop: The color on which `path` and `small` show it there.
        frames: Squares of it that are edited instead of all of it.
        clip: The clip of which it is the first frame, if it is one.
    """

    name: str
    path: Path
    small: Path
    source: Path
    transparent: Path | None = None
    backdrop: Color = WHITE
    frames: tuple[Frame, ...] = ()
    clip: Path | None = None

    @property
    def backdrop_name(self) -> str:
        """The color on which it is shown, in a word."""
        return NAMES[self.backdrop]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSettings:
    """How photos are edited.

    Attributes:
        run: Which run's editor.
        version: Version of its weights, see `Editing.version`. An edit with equal settings is taken from the cache.
        weights: Those that were chosen, or the newest.
        reference: Name of the pair to go by; None leaves it to `choice`.
        choice: See `Editor.predict`.
        seed: Source of all noise.
        strength: 0 leaves a photo as it is, 1 is the edit as it was learned.
        mask: Where a photo may change: everywhere, where the edit means to change something, or where the person
            brushed.
    """

    run: str
    version: int = 0
    weights: Weights = "chosen"
    reference: str | None = None
    choice: ReferenceChoice = "random"
    seed: int = 0
    strength: float = 1.0
    mask: MaskMode = "learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedPhoto:
    """One edit on disk.

    Attributes:
        before: The photo.
        after: The edit.
        size: Width and height of both.
        seconds: How long it took.
        references: Names of the pairs that it goes by.
        pasted: Those of them from which something is pasted.
        area: Where the photo may change, as a picture that is opaque there; with the mask "everywhere", where the
            edit means to change something.
        heat: Where several references disagree, brighter for more, if there were several.
        heat_max: The standard deviation that is brightest, in 8-bit levels.
        change_outside: Mean absolute difference outside that area, in 8-bit levels; None if nothing is outside.
        jpeg_outside: The same for saving the photo as JPEG of quality 95.
    """

    before: Path
    after: Path
    size: tuple[int, int]
    seconds: float
    references: tuple[str, ...]
    pasted: tuple[str, ...]
    area: Path
    heat: Path | None
    heat_max: float
    change_outside: float | None
    jpeg_outside: float | None


class EditVariant(NamedTuple):
    """One of several edits of a photo, beside each other: a small picture, and what it was made with."""

    picture: Path
    settings: EditSettings
    name: str
    psnr: float | None  # of the run's last preview, in dB


class Differing(NamedTuple):
    """Edits of one photo that differ, and the greatest mean difference of two of them, in 8-bit levels."""

    variants: list[EditVariant]
    levels: float
