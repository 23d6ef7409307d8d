"""What a cartoon face is made of, and how it is drawn, hair aside.

Lengths are in units of an average head's half width around the head's center; x goes right and y down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editor.samples.cartoon.pen import Color, Pen, clear, ellipse, mirrored, mix, rgb, spline

INK = rgb("#3a2430")  # outlines and eyes: a warm dark brown, friendlier than black
WHITE = rgb("#ffffff")
BLUSH = rgb("#f2506c")
ROSEWOOD = rgb("#7a2f3a")  # shadows on skin

EyeStyle = Literal["dot", "round", "happy", "lashes"]
MouthStyle = Literal["smile", "grin", "laugh", "smirk", "oh", "calm"]
NoseStyle = Literal["button", "hook", "wide"]
BeardStyle = Literal["none", "full", "moustache", "goatee"]
ShirtStyle = Literal["plain", "collar", "stripes", "hoodie"]


@dataclass(frozen=True, kw_only=True)
class Face:
    """One person, head to shoulders.

    Attributes:
        center: Center of the head, share of the picture's side.
        scale: Half width of an average head, share of the picture's side.
        degrees: Tilt of the head, clockwise.
        width: Half width of this head.
        height: Half height of this head.
        taper: How much narrower the chin is than the forehead, share.
        eye_x: Half distance between the eyes.
        eye_y: Height of the eyes.
        brow_tilt: How much lower the inner end of an eyebrow is than its outer end.
    """

    center: tuple[float, float]
    scale: float
    degrees: float
    width: float
    height: float
    taper: float
    eye_x: float
    eye_y: float
    skin: Color
    hair: Hair
    hair_color: Color
    eyes: EyeStyle
    brow_tilt: float
    mouth: MouthStyle
    nose: NoseStyle
    beard: BeardStyle
    has_freckles: bool
    has_earrings: bool
    shirt: ShirtStyle
    shirt_color: Color


@dataclass(frozen=True)
class Hair:
    """A hairstyle: what is drawn before the head and what after it."""

    back: Callable[[Pen, Face], None]
    front: Callable[[Pen, Face], None]


def head_pen(image: Image.Image, face: Face) -> Pen:
    """Return a pen that follows the head's position, size and tilt."""
    x, y = face.center
    return Pen(image, (x * image.width, y * image.height), face.scale * image.width, face.degrees)


def head_outline(face: Face, grow: float = 0.0, start: float = 0.0, stop: float = 360.0) -> NDArray[np.float64]:
    """Return points (n, 2) on the head's outline, enlarged by `grow`; degrees clockwise from the right."""
    t = np.deg2rad(np.linspace(start, stop, 90))
    narrowing = 1 - face.taper * np.clip(np.sin(t), 0, 1) ** 2
    return np.stack([(face.width + grow) * np.cos(t) * narrowing, (face.height + grow) * np.sin(t)], axis=1)


def draw_face(image: Image.Image, face: Face) -> None:
    """Draw the person onto the picture."""
    pen = head_pen(image, face)
    face.hair.back(pen, face)
    _body(image, face)
    _head(pen, face)
    _beard(pen, face)
    _mouth(pen, face)
    _nose(pen, face)
    _eyes(pen, face)
    face.hair.front(pen, face)
    _brows(pen, face)


def _body(image: Image.Image, face: Face) -> None:
    x, y = face.center
    # The shoulders follow only a little of the tilt, as they do in people.
    pen = Pen(image, (x * image.width, y * image.height), face.scale * image.width, face.degrees * 0.3)
    shade, light = mix(face.shirt_color, INK, 0.22), mix(face.shirt_color, WHITE, 0.4)
    shadow = mix(face.skin, ROSEWOOD, 0.22)
    chin = face.height
    if face.shirt == "hoodie":
        pen.ellipse(0, chin + 0.38, 0.92, 0.46, shade)
    pen.polygon(_shoulders(chin), face.shirt_color)
    if face.shirt == "stripes":
        for row in range(3):
            top, half = chin + 0.74 + 0.4 * row, 1.12 + 0.2 * row
            pen.line([(-half, top), (0, top + 0.12), (half, top)], 0.15, light)
    pen.polygon([(-0.4, 0.3), (0.4, 0.3), (0.44, chin + 0.32), (-0.44, chin + 0.32)], shadow)
    pen.ellipse(0, chin + 0.32, 0.44, 0.2, shadow)
    for side in (-1, 1):
        if face.shirt == "collar":
            flap = [(0.0, chin + 0.5), (0.5, chin + 0.14), (0.68, chin + 0.4), (0.32, chin + 0.82)]
            pen.polygon([(side * px, py) for px, py in flap], light)
        elif face.shirt == "hoodie":
            pen.line([(side * 0.26, chin + 0.55), (side * 0.3, chin + 1.0)], 0.06, light)


def _shoulders(chin: float) -> NDArray[np.float64]:
    t = np.linspace(0, 1, 40)
    slope = np.stack([0.3 + 1.45 * t, chin + 0.24 + 0.15 * t + 0.75 * t**5], axis=1)
    return mirrored([(0.0, chin + 0.24), *slope.tolist(), (1.9, chin + 4)])


def _head(pen: Pen, face: Face) -> None:
    shadow = mix(face.skin, ROSEWOOD, 0.18)
    for side in (-1, 1):
        x = side * (face.width + 0.02)
        pen.ellipse(x, face.eye_y + 0.17, 0.17, 0.25, face.skin, degrees=side * 8)
        pen.ellipse(x, face.eye_y + 0.18, 0.09, 0.15, shadow, degrees=side * 8)
        if face.has_earrings:
            pen.ellipse(x + side * 0.03, face.eye_y + 0.45, 0.075, 0.075, rgb("#ffd25e"))
    pen.polygon(head_outline(face), face.skin)
    for side in (-1, 1):
        for size in (0.27, 0.2, 0.13):  # three rings make a soft edge
            x, y = side * (face.eye_x + 0.16), face.eye_y + 0.43
            pen.ellipse(x, y, size, size * 0.7, clear(mix(face.skin, BLUSH, 0.55), 0.22))
        if face.has_freckles:
            for dx, dy in ((-0.1, 0.0), (0.02, -0.06), (0.12, 0.01), (0.0, 0.07)):
                x = side * (face.eye_x + 0.1 + dx)
                pen.ellipse(x, face.eye_y + 0.38 + dy, 0.026, 0.026, mix(face.skin, rgb("#8a4a2c"), 0.5))


def _eyes(pen: Pen, face: Face) -> None:
    y = face.eye_y
    for side in (-1, 1):
        x = side * face.eye_x
        if face.eyes == "happy":
            pen.line([(x - 0.16, y + 0.05), (x, y - 0.1), (x + 0.16, y + 0.05)], 0.075, INK)
            continue
        if face.eyes == "round":
            pen.ellipse(x, y, 0.2, 0.215, WHITE)
        pen.ellipse(x, y + 0.01, 0.145, 0.17, INK)
        pen.ellipse(x + 0.045, y - 0.05, 0.05, 0.055, WHITE)
        if face.eyes == "lashes":
            pen.line([(x - side * 0.17, y - 0.09), (x, y - 0.18), (x + side * 0.19, y - 0.12)], 0.06, INK)
            for dx, dy in ((0.1, 0.14), (0.19, 0.1)):
                pen.line([(x + side * dx, y - dy), (x + side * (dx + 0.09), y - dy - 0.09)], 0.05, INK)


def _brows(pen: Pen, face: Face) -> None:
    color = mix(face.hair_color, INK, 0.45)
    y = face.eye_y - 0.4
    for side in (-1, 1):
        inner, outer = side * (face.eye_x - 0.17), side * (face.eye_x + 0.2)
        middle = (inner + outer) / 2
        points = [(inner, y + face.brow_tilt), (middle, y - 0.06), (outer, y + 0.03)]
        pen.line(points, 0.085, color)


def _nose(pen: Pen, face: Face) -> None:
    color = mix(face.skin, ROSEWOOD, 0.35)
    y = face.eye_y + 0.33
    if face.nose == "button":
        pen.ellipse(0, y, 0.11, 0.085, color)
    elif face.nose == "hook":
        pen.line([(0.02, y - 0.18), (0.11, y + 0.02), (-0.03, y + 0.06)], 0.06, color)
    else:
        wings = [(-0.14, y - 0.02), (-0.09, y + 0.06), (0, y + 0.03), (0.09, y + 0.06), (0.14, y - 0.02)]
        pen.line(wings, 0.06, color)


def _mouth(pen: Pen, face: Face) -> None:
    y = face.eye_y + 0.68
    red, tongue = rgb("#8c2f42"), rgb("#f07c86")
    if face.mouth == "smile":
        pen.line([(-0.3, y - 0.06), (0, y + 0.1), (0.3, y - 0.06)], 0.075, red)
    elif face.mouth == "smirk":
        pen.line([(-0.2, y + 0.04), (0.05, y + 0.07), (0.28, y - 0.09)], 0.075, red)
    elif face.mouth == "calm":
        pen.line([(-0.18, y), (0, y + 0.03), (0.18, y)], 0.075, red)
    elif face.mouth == "oh":
        pen.ellipse(0, y + 0.03, 0.12, 0.15, red)
        pen.ellipse(0, y + 0.1, 0.08, 0.06, tongue)
    else:
        half = 0.34 if face.mouth == "grin" else 0.3
        depth = 0.24 if face.mouth == "grin" else 0.34
        pen.polygon(ellipse(0, y - 0.08, half, depth, start=0, stop=180), red)
        pen.polygon(mirrored([(half * 0.9, y - 0.08), (half * 0.8, y + 0.01)]), WHITE)
        if face.mouth == "laugh":
            pen.ellipse(0, y + 0.17, 0.16, 0.08, tongue)


def _beard(pen: Pen, face: Face) -> None:
    if face.beard == "none":
        return
    color = mix(face.hair_color, INK, 0.12)
    y, chin = face.eye_y + 0.52, face.height + 0.08
    if face.beard == "full":
        outer = head_outline(face, grow=0.07, start=-2, stop=182)
        ear = face.width * 0.86
        inner = [(-ear, 0.1), (-0.5, y + 0.02), (0, y - 0.06), (0.5, y + 0.02), (ear, 0.1)]
        pen.polygon(np.concatenate([outer, spline(inner, closed=False)]), color)
        pen.ellipse(0, y + 0.2, 0.4, 0.23, face.skin)
    elif face.beard == "goatee":
        pen.blob(mirrored([(0.0, y + 0.38), (0.24, y + 0.42), (0.17, chin)]), color)
    if face.beard in ("full", "moustache"):
        pen.blob(
            mirrored([(0.02, y - 0.04), (0.22, y - 0.04), (0.46, y + 0.1), (0.24, y + 0.11), (0.02, y + 0.05)]),
            color,
        )
