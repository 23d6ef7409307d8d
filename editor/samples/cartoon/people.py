"""Cartoon people, drawn by lot: what two of the sample effects begin with."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar, get_args

from PIL import Image

from editor.samples.cartoon import hair
from editor.samples.cartoon.backdrop import Backdrop, BackdropStyle, draw_backdrop
from editor.samples.cartoon.face import (
    BeardStyle,
    EyeStyle,
    Face,
    Hair,
    MouthStyle,
    NoseStyle,
    ShirtStyle,
    draw_face,
)
from editor.samples.cartoon.pen import Color, rgb

Item = TypeVar("Item")


class Complexion(NamedTuple):
    """A skin tone and the hair colors it is drawn with."""

    skin: Color
    hair: tuple[Color, ...]


def _colors(*texts: str) -> tuple[Color, ...]:
    return tuple(map(rgb, texts))


FAIR_HAIR = _colors("#5f3824", "#c98a3f", "#ecc46f", "#c9512f", "#2a2030", "#8e5430", "#b9b5bb", "#e58fb0")
DARK_HAIR = _colors("#2a2030", "#3d2622", "#4a2c22", "#241c2c", "#a7a3ab", "#2f2430", "#5a4a8a")
COMPLEXIONS = tuple(
    Complexion(skin, hairs)
    for skins, hairs in (
        (_colors("#ffe0cc", "#fbcfae", "#f0b68a", "#f6c6a2"), FAIR_HAIR),
        (_colors("#dc9a6a", "#c08152", "#a0653f", "#875336", "#71472f"), DARK_HAIR),
    )
    for skin in skins
)
LOOKS: tuple[tuple[Hair, BeardStyle], ...] = (
    (hair.LONG, "none"),
    (hair.CROP, "full"),
    (hair.AFRO, "none"),
    (hair.BOB, "none"),
    (hair.SWEPT, "none"),
    (hair.BUNS, "none"),
    (hair.CURLS, "goatee"),
    (hair.PIGTAILS, "none"),
    (hair.TUFTS, "moustache"),
    (hair.SCARF, "none"),
    (hair.SPIKES, "none"),
    (hair.LONG_BANGS, "none"),
    (hair.BALD, "full"),
    (hair.CURLS, "none"),
    (hair.CROP, "none"),
    (hair.SWEPT, "moustache"),
)
SHIRTS = _colors("#2f7fd6", "#ef6f4b", "#2fa57c", "#8a5bd1", "#e0a11f", "#d9487d", "#46566f", "#f4efe6")
BACKDROPS = (
    _colors("#bfe3f5", "#7cc0ea"),
    _colors("#ffe3b8", "#ffc27a"),
    _colors("#d9efc6", "#a3d48c"),
    _colors("#f8d3dc", "#ee9fb5"),
    _colors("#ded5f6", "#b3a2e6"),
    _colors("#c9efe6", "#83d1c0"),
    _colors("#f2ead8", "#d8c6a0"),
    _colors("#34476b", "#556c9b"),
)


def draw_people(count: int, size: int, seed: int) -> Iterator[tuple[Image.Image, Face]]:
    """Draw people in front of backdrops. The same arguments give the same pictures.

    Args:
        count: How many.
        size: Side of the pictures in pixels.
        seed: Decides who they are.

    Yields:
        A portrait, RGB, and what it shows.
    """
    rng = random.Random(seed)
    for face, backdrop in zip(_faces(rng, count), _backdrops(rng, count)):
        portrait = draw_backdrop(size, backdrop)
        draw_face(portrait, face)
        yield portrait, face


def _faces(rng: random.Random, count: int) -> list[Face]:
    complexions = _deal(rng, COMPLEXIONS, count)
    looks = _deal(rng, LOOKS, count)
    eyes, mouths = _deal(rng, get_args(EyeStyle), count), _deal(rng, get_args(MouthStyle), count)
    noses, shirts = _deal(rng, get_args(NoseStyle), count), _deal(rng, get_args(ShirtStyle), count)
    shirt_colors = _deal(rng, SHIRTS, count)
    faces = []
    for k in range(count):
        scale, height = rng.uniform(0.185, 0.24), rng.uniform(1.1, 1.28)
        room_for_hat = 0.06 + scale * (0.8 * height + 1.55)
        faces.append(
            Face(
                center=(rng.uniform(0.41, 0.59), room_for_hat + rng.uniform(0.0, 0.07)),
                scale=scale,
                degrees=rng.uniform(-14, 14),
                width=rng.uniform(0.92, 1.06),
                height=height,
                taper=rng.uniform(0.04, 0.22),
                eye_x=rng.uniform(0.4, 0.47),
                eye_y=rng.uniform(-0.08, 0.06),
                skin=complexions[k].skin,
                hair=looks[k][0],
                hair_color=rng.choice(complexions[k].hair),
                eyes=eyes[k],
                brow_tilt=rng.uniform(-0.03, 0.07),
                mouth=mouths[k],
                nose=noses[k],
                beard=looks[k][1],
                has_freckles=rng.random() < 0.2,
                has_earrings=looks[k][1] == "none" and rng.random() < 0.35,
                shirt=shirts[k],
                shirt_color=shirt_colors[k],
            )
        )
    return faces


def _backdrops(rng: random.Random, count: int) -> list[Backdrop]:
    styles, colors = _deal(rng, get_args(BackdropStyle), count), _deal(rng, BACKDROPS, count)
    return [Backdrop(style, *pair, shift=rng.random()) for style, pair in zip(styles, colors)]


def _deal(rng: random.Random, items: Sequence[Item], count: int) -> list[Item]:
    """Return `count` items like cards from shuffled decks, so that each appears about equally often."""
    cards: list[Item] = []
    while len(cards) < count:
        cards += rng.sample(items, len(items))
    return cards[:count]
