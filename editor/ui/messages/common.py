"""Words and ways to write numbers that several pages share."""

from __future__ import annotations

from collections.abc import Sequence

from editor.config import FitMode

# Both sides of a pair, wherever its pictures are described.
SIDE_ALT = {"before": "{name} before", "after": "{name} after"}
EDITED_ALT = "{name} edited"

# In place of a picture: its small copy is still to be made, or the file is broken.
COMING = "…"
NOT_SHOWN = "Cannot be read"

# Runs.
RUN = "Run"
CONTINUE = "Continue"
STOP = "Stop"
PSNR, SSIM = "PSNR", "SSIM"
VISIBLE_DB = 0.5  # over leaving the pictures alone; below it, hardly anybody sees an edit
CLOSENESS = ((VISIBLE_DB, "not yet"), (3.0, "a little"), (6.0, "fairly"), (None, "very"))  # up to so many dB
BAD_SEED = "The seed must be a whole number from 0 to {limit}."
CHOOSE_RUN = "Choose a run first, or start one."
NO_WEIGHTS = "This run has learned nothing yet. Wait for its first preview, or choose another run."

FORMATS = {"gif": "GIF, plays anywhere", "webp": "WebP, smaller and finer", "mp4": "MP4, a film"}  # of animations
CLIP_SHAPES = {"square": "Before and after, square", "portrait": "Before and after, portrait"}


def clip_shapes() -> list[tuple[str, str]]:
    """Return the shapes of a clip as choices."""
    return [(words, name) for name, words in CLIP_SHAPES.items()]


def count(number: int, noun: str) -> str:
    """Return "1 pair" or "3 pairs"."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def readable_bytes(number: float) -> str:
    """Return 1 234 567 bytes as "1.2 MB"."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit != "MB" or number >= 10 else f"{number:.1f} MB"
        number /= 1000
    return f"{number:.1f} GB"


def pixels(size: tuple[int, int]) -> str:
    """Return "512 x 384 px"."""
    return f"{size[0]} x {size[1]} px"


def learned_from(preset: str, image_size: int, fit: FitMode) -> str:
    """Return how a run sees its pairs, such as "draft 128 px, cropped"."""
    return f"{preset} {image_size} px{', cropped' if fit == 'crop' else ''}"


def clock(seconds: float) -> str:
    """Return 75 s as "1:15" and 3700 s as "1:01:40"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def duration(minutes: float) -> str:
    """Return 5 as "5 minutes" and 0.5 as "30 seconds"."""
    if minutes < 1:
        return count(max(1, round(60 * minutes)), "second")
    return "1 minute" if minutes == 1 else f"{minutes:,.4g} minutes"


def better_than_nothing(psnr: float, unedited: float | None) -> str:
    """Return a held-out PSNR and how far it is from leaving the pictures alone."""
    return f"{psnr:.1f} dB" if unedited is None else f"{psnr:.1f} dB, {psnr - unedited:+.1f} over no edit"


def closeness(psnr: float, unedited: float | None) -> str:
    """Say how close edits come to the pictures after, by how far they are from leaving the pictures alone, in dB.

    6 dB is half of the way: half of the (root mean square) difference is left.
    """
    if unedited is None:
        return ""
    return next(words for most, words in CLOSENESS if most is None or psnr - unedited < most)


def rounded(number: float) -> int:
    """Return a number that is not known exactly with its two leading digits: 1234 as 1200."""
    digits = len(str(round(number))) - 2
    return round(round(number), -max(digits, 0))


def score(psnr: float) -> str:
    """Return a score, such as "23.4 dB"."""
    return f"{psnr:.1f} dB"


def listed(names: Sequence[str], limit: int = 8) -> str:
    """Return the first names, and how many more there are."""
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
