"""The sample effects that an empty workspace begins with, each of another kind. All of them are drawn by code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from editor.pairs.store import PairStore
from editor.samples.film import film_pairs
from editor.samples.ink import ink_pairs
from editor.samples.party import party_pairs

RUNS = Path(__file__).parents[2] / "assets" / "samples"
HELD_OUT_EVERY = 8  # pairs


class Sample(NamedTuple):
    """One sample effect.

    Attributes:
        slug: Names the folder of the run that has learned it.
        name: What a person sees.
        count: How many pairs it has.
        draw: Yields that many pairs, source and target; the same ones every time.
        shown_pair: Name of a held-out pair, to show what the run makes of it.
    """

    slug: str
    name: str
    count: int
    draw: Callable[[int], Iterator[tuple[Image.Image, Image.Image]]]
    shown_pair: str

    @property
    def run(self) -> Path:
        """The run that has learned it, made by `python -m tests.sample_runs`; it holds the pairs, too."""
        return RUNS / self.slug

    @property
    def shown(self) -> tuple[Path, Path]:
        """A picture of a pair that was held out, and what the run makes of it."""
        name = f"{self.shown_pair}.png"
        return self.run / "pairs" / "source" / name, RUNS / f"{self.slug}.png"


SAMPLES = (
    Sample("party", "Sample: party hat and sunglasses", 32, party_pairs, "party-10"),
    Sample("ink", "Sample: ink drawing", 24, ink_pairs, "ink-18"),
    Sample("film", "Sample: faded film", 24, film_pairs, "film-10"),
)


SAMPLE_NAMES = frozenset(sample.name for sample in SAMPLES)


def draw_sample(store: PairStore, sample: Sample) -> None:
    """Fill an empty store with the pairs of a sample effect and hold out every eighth.

    Raises:
        ValueError: The store already has pairs.
        OSError: The folder cannot be written.
    """
    if store.pairs():
        raise ValueError(f"{store.directory} already has pairs; a sample effect needs an empty folder")
    pairs = enumerate(sample.draw(sample.count), start=1)
    names = store.add_all((f"{sample.slug}-{number:02}", source, target) for number, (source, target) in pairs)
    store.set_held_out(names[1::HELD_OUT_EVERY])
