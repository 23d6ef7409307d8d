"""How the model would see pairs that are not square, so that a person can choose what it learns from."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from editor.config import FitMode
from editor.pairs.folder import Pair
from editor.ui import messages
from editor.ui.components.html import from_template
from editor.ui.components.page_thumbnails import PageThumbnails

SHOWN = 4  # pairs
SIDE = 160  # pixels; they are shown at half of that, at most


def fit_preview(pairs: Sequence[Pair], fit: FitMode, thumbnails: PageThumbnails) -> Markup:
    """Return what a choice means, and a few pairs as the model would see them.

    Args:
        pairs: Some that are not square; there may be none.
        fit: The choice.
        thumbnails: Makes the pictures.
    """
    sentence = messages.settings.FIT_HELP[fit] if pairs else messages.settings.FIT_ALL_SQUARE
    rows = [_sides(pair, fit, thumbnails) for pair in pairs[:SHOWN]]
    return from_template("fit_preview", fit=fit, sentence=sentence, rows=rows)


def _sides(pair: Pair, fit: FitMode, thumbnails: PageThumbnails) -> list[Markup]:
    return [
        thumbnails.picture(
            path, messages.settings.FIT_ALT.format(picture=alt.format(name=pair.name)), side=SIDE, fit=fit
        )
        for path, alt in zip((pair.source, pair.target), messages.common.SIDE_ALT.values())
    ]
