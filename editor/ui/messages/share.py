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

OPEN = "Open an effect file"
OPEN_HELP = "A file that ends in .pairbrush, from somebody else or from another computer. Drop it anywhere on the page."
CHOOSE_FILE = "Choose the file"
OPENING = "Opening the effect…"
NOT_SENT = "The upload did not get through. Reload the page and drop the file again."

GOES_ALONG = "What goes along"
PAIRS = "Pairs, with their photographs"
PAIRS_HELP = "None, unless you choose some. Others see them as examples, under other names."
LICENSE = "License"
LICENSE_HELP = "What others may do with the effect. It is written on the card in the file."
LICENSES = {
    "": "None named",
    "cc0-1.0": "CC0: anything",
    "cc-by-4.0": "CC BY 4.0: anything, naming you",
    "cc-by-nc-4.0": "CC BY-NC 4.0: nothing commercial, naming you",
}

FILES = {  # by the ending of the file's name
    ".pairbrush": CardWords(
        "Effect file (.pairbrush)",
        "The effect in one file, for everybody who has Pairbrush: they drop it on the page, and it edits at once.",
        "No photograph. Where edits paste what your pictures after add, such as a hat, that is in it, cut out. Your "
        "effect's name is in it, and the names of your files are not.",
    ),
    ".html": CardWords(
        "A web page that edits (.html)",
        "One file for everybody: a double click opens it in a browser, where it edits photos at their full size. "
        "It needs no installation and no connection, and photos stay on the computer that they are on. What Pairbrush "
        "pastes crisply, such as a hat, the page paints more softly.",
        "What the network has learned and the names of effect and run; none of your pictures.",
    ),
    ".cube": CardWords(
        "Color table (.cube)",
        "The colors of the effect for photo and film programs: Photoshop, Lightroom, DaVinci Resolve and many others "
        "read it. It holds {explained} of what the effect does.",
        "Colors only, no picture.",
        "This effect is no map from color to color, so a color table cannot hold it.",
    ),
    ".zip": CardWords(
        "For other programs (ONNX, .zip)",
        "The network for any ONNX runtime, a description of all its numbers, and a short script that edits with it. "
        "What Pairbrush pastes is painted there, too.",
        "What the network has learned and the names of effect and run; none of your pictures.",
    ),
}
