"""Template matching: where one picture lies in another that shows more, at another scale perhaps.

Two pictures of a pair need not look alike, so the directions of their edges are compared, as in `shift`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.pairs.doctor.shift import direction_of_edges, luminance_of, vertex

COARSE, FINE = 96, 320  # pixels of the longer side of the outer picture, in the two passes
MIN_SHARE = 0.5  # of the largest size that fits: the inner picture shows no less of the outer one
COARSE_STEP, FINE_STEP = 0.03, 0.005  # between two scales that are tried, relative
FINE_REACH = 0.03  # how far around the coarse scale, relative
MIN_LIKENESS = 0.35  # of the edges; of seven effects most pairs reach 0.4 to 0.9, strangers 0.2 to 0.5
CUT = 0.01  # that a plain cut without scaling may agree less than the best scale, and is taken all the same
MARGIN = 0.08  # of the inner picture, which do not count


class Location(NamedTuple):
    """Where the inner picture lies in the outer one.

    Attributes:
        box: Left, top, right and bottom in shares of the outer picture's width and height.
        likeness: How well the edges agree there, at most 1.
    """

    box: tuple[float, float, float, float]
    likeness: float


def locate(outer: Image.Image, inner: Image.Image, share: float, ratio: float) -> Location | None:
    """Find the part of one picture that another one shows.

    Args:
        outer: Shows more. RGB, at least `FINE` pixels long where that is possible.
        inner: Shows a part of it, perhaps edited and scaled.
        share: The inner picture's width by the outer one's, in pixels of their files: what it is for a plain cut.
        ratio: The inner picture's width by its height, in pixels of its file.

    Returns:
        The best place, or None where nothing agrees well.
    """
    largest = min(1.0, ratio * outer.height / outer.width)  # width of the inner one in shares of the outer one's
    steps = round(np.log(1 / MIN_SHARE) / COARSE_STEP)
    coarse = max(_matches(outer, inner, ratio, largest * np.exp(-COARSE_STEP * np.arange(steps + 1)), COARSE))
    if coarse.likeness < MIN_LIKENESS / 2:
        return None
    steps = round(FINE_REACH / FINE_STEP)
    widths = coarse.width * (1 + FINE_STEP * np.arange(-steps, steps + 1))
    is_cut = abs(share / coarse.width - 1) < COARSE_STEP + FINE_REACH
    cut, *others = _matches(outer, inner, ratio, np.array([share if is_cut else coarse.width, *widths]), FINE)
    best = max(cut, *(match for match in others if match.width <= largest), key=lambda match: match.likeness)
    if is_cut and share <= largest * (1 + 1e-6) and cut.likeness > best.likeness - CUT:
        best = cut
    if best.likeness < MIN_LIKENESS:
        return None
    wide, high = best.width, best.width * outer.width / outer.height / ratio
    left, top = min(best.left, max(0.0, 1 - wide)), min(best.top, max(0.0, 1 - high))
    return Location((left, top, min(1.0, left + wide), min(1.0, top + high)), best.likeness)


class _Match(NamedTuple):
    """Where a template matches best at one scale, in shares of the outer picture."""

    likeness: float
    width: float
    left: float
    top: float


def _matches(
    outer: Image.Image, inner: Image.Image, ratio: float, widths: NDArray[np.float64], side: int
) -> list[_Match]:
    scale = side / max(outer.size)
    width, height = (max(16, round(length * scale)) for length in outer.size)
    field = direction_of_edges(luminance_of(outer, (width, height)))
    shape = _fast(height), _fast(width)
    spectra = np.fft.fft2(field, shape), np.fft.fft2(np.abs(field) ** 2, shape)
    found = []
    for share in widths:
        size = (max(8, min(width, round(share * width))), max(8, min(height, round(share * width / ratio))))
        template = direction_of_edges(luminance_of(inner, size))
        left, top, likeness = _matched(*spectra, template, (width, height))
        found.append(_Match(likeness, float(share), left / width, top / height))
    return found


def _matched(
    spectrum: NDArray[np.complex128],
    power: NDArray[np.complex128],
    template: NDArray[np.complex64],
    room: tuple[int, int],
) -> tuple[float, float, float]:
    """Return where a template matches best, left and top in pixels, and the normalized correlation there."""
    height, width = template.shape
    window = np.outer(_faded(height), _faded(width))
    faded = template * window**2
    shape = spectrum.shape
    agreement = np.fft.ifft2(spectrum * np.conj(np.fft.fft2(faded, shape))).real
    local = np.fft.ifft2(power * np.conj(np.fft.fft2(window**2, shape))).real
    own = float((np.abs(template) ** 2 * window**2).sum())
    likeness = agreement / np.sqrt(np.maximum(local, 1e-6 * own + 1e-12) * (own + 1e-12))
    near = likeness[: room[1] - height + 1, : room[0] - width + 1]
    row, column = np.unravel_index(near.argmax(), near.shape)
    left, top = (
        place + vertex(*line[place - 1 : place + 2]) if 0 < place < len(line) - 1 else float(place)
        for line, place in ((near[row], int(column)), (near[:, column], int(row)))
    )
    return left, top, float(near[row, column])


def _faded(length: int) -> NDArray[np.float64]:
    """Return weights that fall to 0 at both ends, where a crop has edges of its own."""
    places = (np.arange(length) + 0.5) / length
    return np.clip(np.minimum(places, 1 - places) / MARGIN, 0, 1)


def _fast(length: int) -> int:
    """Return a length for the FFT that has only small factors."""
    return 1 << (length - 1).bit_length()
