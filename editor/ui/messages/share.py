"""Words of the Share tab."""

from __future__ import annotations

from typing import NamedTuple


class CardWords(NamedTuple):
    """What a card says of one thing that can be made of a run.

    Attributes:
        title: What it is.
        text: What it is good for.
        reveals: What somebody who gets it can see.
        impossible: Why there is none of this run; empty where every run can become one.
    """

    title: str
    text: str
    reveals: str
    impossible: str = ""


NO_RUN_TO_SHARE = "Train an effect first: in step 2, press Start. Then it can go to other people from here."
SIZE = "About {size}"
REVEALS = "What it reveals"
DOWNLOAD = "Download"
DOWNLOAD_LABEL = "Download: {title}"
MAKING = "Making it: {title}…"

FILES = {  # by the ending of the file's name
    ".cube": CardWords(
        "Color table (.cube)",
        "The colors of the effect for photo and film programs: Photoshop, Lightroom, DaVinci Resolve and many others "
        "read it. It holds {explained} of what the effect does.",
        "Colors only, no picture.",
        "This effect is no map from color to color, so a color table cannot hold it.",
    ),
}
