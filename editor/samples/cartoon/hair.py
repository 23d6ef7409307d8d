"""Hairstyles. Each has a part behind the head and a part in front of it, so that it frames the face."""

from __future__ import annotations

import numpy as np

from editor.samples.cartoon.face import INK, WHITE, Face, Hair, head_outline
from editor.samples.cartoon.pen import Pen, Points, mirrored, mix, spline


def _nothing(pen: Pen, face: Face) -> None:
    """Draw nothing: hair that is only in front of the head, or none at all."""


def _cap(pen: Pen, face: Face, hairline: Points, grow: float = 0.1, reach: float = 8.0) -> None:
    """Cover the head down to a hairline, and give it some shine.

    Args:
        pen: The head's pen.
        face: Whose hair it is.
        hairline: From the right temple to the left one; x in head widths, y from eyes (0) to crown (1).
        grow: Thickness of the hair.
        reach: How far below the horizontal the hair comes down at the temples, in degrees.
    """
    outer = head_outline(face, grow=grow, start=180 - reach, stop=360 + reach)
    span = face.eye_y + face.height
    inner = spline([(x * face.width, face.eye_y - y * span) for x, y in hairline], closed=False)
    pen.polygon(np.concatenate([outer, inner]), face.hair_color)
    shine = head_outline(face, grow=grow - 0.14, start=212, stop=246)[::18]
    pen.line(shine, 0.07, mix(face.hair_color, WHITE, 0.3))


def _crop_front(pen: Pen, face: Face) -> None:
    _cap(pen, face, mirrored([(0.96, 0.0), (0.88, 0.38), (0.55, 0.54)]))


def _swept_front(pen: Pen, face: Face) -> None:
    w, top = face.width, -face.height
    quiff = [(-0.78, 0.72), (-0.35, 1.2), (0.45, 1.23), (1.03, 0.6), (0.3, 0.66)]
    pen.blob([(x * w, y * top) for x, y in quiff], face.hair_color)
    line = [
        (0.98, -0.05),
        (0.9, 0.3),
        (0.6, 0.42),
        (0.1, 0.46),
        (-0.4, 0.62),
        (-0.7, 0.66),
        (-0.9, 0.4),
        (-0.97, 0),
    ]
    _cap(pen, face, line, grow=0.12)


def _spikes_front(pen: Pen, face: Face) -> None:
    bases = head_outline(face, grow=0.02, start=205, stop=335)[::11]
    for left, right in zip(bases, bases[1:]):
        tip = (left + right) / 2 * 1.3
        pen.polygon([left, tip, right, (0, -face.height * 0.7)], face.hair_color)
    _crop_front(pen, face)


def _bangs_front(pen: Pen, face: Face) -> None:
    _cap(pen, face, mirrored([(1.0, -0.2), (0.92, 0.22), (0.66, 0.3), (0.3, 0.33)]), grow=0.13)


def _parted_front(pen: Pen, face: Face) -> None:
    _cap(pen, face, mirrored([(1.02, -0.4), (0.93, 0.1), (0.68, 0.5), (0.3, 0.74), (0.06, 0.84)]), 0.13, 14)


def _curls_front(pen: Pen, face: Face) -> None:
    for x, y in head_outline(face, grow=0.03, start=186, stop=354)[::8]:
        pen.ellipse(x, y, 0.25, 0.25, face.hair_color)
    for x in (-0.5, -0.17, 0.17, 0.5):
        pen.ellipse(x * face.width, -face.height * 0.78, 0.25, 0.2, face.hair_color)
    for x, y in head_outline(face, grow=0.08, start=210, stop=330)[::22]:
        pen.ellipse(x, y, 0.06, 0.06, mix(face.hair_color, WHITE, 0.25))


def _afro_back(pen: Pen, face: Face) -> None:
    for x, y in head_outline(face, grow=0.2, start=150, stop=390)[::9]:
        pen.ellipse(x, y, 0.42, 0.42, mix(face.hair_color, INK, 0.12))


def _afro_front(pen: Pen, face: Face) -> None:
    for x, y in head_outline(face, grow=0.02, start=196, stop=344)[::9]:
        pen.ellipse(x, y, 0.3, 0.27, face.hair_color)
    for x, y in head_outline(face, grow=0.2, start=214, stop=250)[::30]:
        pen.ellipse(x, y, 0.07, 0.07, mix(face.hair_color, WHITE, 0.22))


def _bob_back(pen: Pen, face: Face) -> None:
    w, h = face.width, face.height
    right = [(w * 0.95, -h * 0.7), (w + 0.3, 0.1), (w + 0.26, h * 0.82), (w * 0.5, h * 0.95)]
    pen.blob(mirrored([(0.35, -h - 0.08), *right]), mix(face.hair_color, INK, 0.18))


def _long_back(pen: Pen, face: Face) -> None:
    w, h = face.width, face.height
    right = [(w, -h * 0.6), (w + 0.28, 0.3), (w + 0.38, h + 0.4), (w + 0.15, h + 1.0), (0.3, h + 0.9)]
    pen.blob(mirrored([(0.35, -h - 0.08), *right]), mix(face.hair_color, INK, 0.18))


def _buns_back(pen: Pen, face: Face) -> None:
    for side in (-1, 1):
        x, y = side * face.width * 0.92, -face.height * 0.86
        pen.ellipse(x, y, 0.4, 0.4, mix(face.hair_color, INK, 0.1))
        pen.ellipse(x - 0.08, y - 0.08, 0.16, 0.16, mix(face.hair_color, WHITE, 0.16))


def _pigtails_back(pen: Pen, face: Face) -> None:
    tail = [(-0.4, -0.55), (0.16, -0.55), (0.36, 0.1), (0.1, 0.95), (-0.22, 0.2)]
    for side in (-1, 1):
        x, y = face.width + 0.34, face.eye_y + 0.5
        points = [(side * (x + dx), y + dy) for dx, dy in tail]
        pen.blob(points, mix(face.hair_color, INK, 0.12))
        pen.ellipse(side * (x - 0.18), y - 0.5, 0.13, 0.13, (255, 120, 140))


def _tufts_front(pen: Pen, face: Face) -> None:
    tuft = [(-0.06, -0.42), (0.17, -0.2), (0.2, 0.22), (-0.02, 0.22), (-0.12, -0.1)]
    for side in (-1, 1):
        x, y = face.width * 0.99, face.eye_y - 0.16
        pen.blob([(side * (x + dx), y + dy) for dx, dy in tuft], face.hair_color)
    _bald_front(pen, face)


def _bald_front(pen: Pen, face: Face) -> None:
    shine = head_outline(face, grow=-0.16, start=222, stop=250)[::22]
    pen.line(shine, 0.06, mix(face.skin, WHITE, 0.4))


def _scarf_back(pen: Pen, face: Face) -> None:
    w, h = face.width, face.height
    right = [(w * 0.9, -h * 0.8), (w + 0.24, 0.1), (w + 0.1, h * 0.8), (w + 0.35, h + 0.75)]
    pen.blob(mirrored([(0.35, -h - 0.16), *right]), mix(face.shirt_color, INK, 0.25))


def _scarf_front(pen: Pen, face: Face) -> None:
    h = face.height
    chin = head_outline(face, grow=0.1, start=30, stop=150)
    drape = spline(mirrored([(0.95, h + 0.3), (0.6, h + 0.72), (0.12, h + 0.86)])[::-1], closed=False)
    pen.polygon(np.concatenate([chin, drape]), mix(face.shirt_color, INK, 0.18))
    for start, stop in ((-3, 183), (177, 363)):  # two halves, since a polygon has no hole
        outer = head_outline(face, grow=0.22, start=start, stop=stop)
        inner = head_outline(face, grow=-0.14, start=start, stop=stop)
        pen.polygon(np.concatenate([outer, inner[::-1]]), mix(face.shirt_color, INK, 0.1))
    fold = head_outline(face, grow=0.06, start=200, stop=240)[::20]
    pen.line(fold, 0.06, mix(face.shirt_color, WHITE, 0.25))


CROP = Hair(_nothing, _crop_front)
SWEPT = Hair(_nothing, _swept_front)
SPIKES = Hair(_nothing, _spikes_front)
CURLS = Hair(_nothing, _curls_front)
AFRO = Hair(_afro_back, _afro_front)
BOB = Hair(_bob_back, _bangs_front)
LONG = Hair(_long_back, _parted_front)
LONG_BANGS = Hair(_long_back, _bangs_front)
BUNS = Hair(_buns_back, _parted_front)
PIGTAILS = Hair(_pigtails_back, _bangs_front)
TUFTS = Hair(_nothing, _tufts_front)
BALD = Hair(_nothing, _bald_front)
SCARF = Hair(_scarf_back, _scarf_front)
