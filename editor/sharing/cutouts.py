"""What the pairs of a run add, for who edits without Pairbrush: cutouts, and the numbers of placing and pasting."""

from __future__ import annotations

from typing import Any

from editor.editing.editor import Editor
from editor.models.canvas import DIFFERENT, SAME
from editor.pasting import placing
from editor.pasting.cutout import BLEED, SIDE, CutoutPicture
from editor.pasting.paste import CLEARED, LEAST_EXPLAINED, MOST_CHANGED
from editor.training.effect_file import MAX_CUTOUTS

CutoutPictures = tuple[CutoutPicture, CutoutPicture]  # as it is placed, and as it is pasted


def cutouts_of(editor: Editor) -> list[CutoutPictures]:
    """Return what may be pasted into edits, of at most `MAX_CUTOUTS` references; none where edits are painted."""
    found = [editor.cutouts(name) for name in (editor.references[:MAX_CUTOUTS] if editor.adds else ())]
    return [cutout for cutout in found if 0 < _covered(cutout[0]) <= MOST_CHANGED]


def numbers() -> dict[str, Any]:
    """Return the numbers that `pasting.placing`, `pasting.paste` and `pasting.cutout` go by, ready for JSON."""
    return {
        "least_explained": LEAST_EXPLAINED,
        "cleared": CLEARED,
        "bleed": BLEED,
        "side": SIDE,
        "same": SAME,
        "different": DIFFERENT,
        "turns": placing.TURNS,
        "bends": placing.BENDS,
        "stiffness": placing.STIFFNESS,
        "coarse": placing.COARSE,
        "rounds": placing.ROUNDS,
        "rate": placing.RATE,
        "decay": placing.DECAY,
        "blur": placing.BLUR,
        "stages": [stage._asdict() for stage in placing.STAGES],
    }


def _covered(cutout: CutoutPicture) -> float:
    """Return the share of a cutout that its matte covers."""
    histogram = cutout.image.getchannel("A").histogram()
    return sum(level * count for level, count in enumerate(histogram)) / (255 * sum(histogram))
