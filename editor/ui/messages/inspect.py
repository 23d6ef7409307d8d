"""Words of the Inspect tab: pictures, numbers and the matrix of all pairs."""

from __future__ import annotations

from editor.ui.messages.common import STOP, clock
from editor.workspace import Closeness, ColorRange, Hardest, InspectionFacts, PairMatrix

NO_RUN_TO_INSPECT = "Nothing to look into yet. Start a run in Train; this page fills with its first preview."
FOR_EXPERTS = (
    "This page is for experts: it shows what the model sees and does on its way from one pair to another. Nothing of "
    "it is needed to train or to edit."
)
FIRST_LOOK = "Looking into the run. The first pictures take a few seconds."
WAIT = "Computing the pictures of Inspect…"
PAIR_I, PAIR_J = "Pair i, the reference", "Pair j, to predict"
HELD_OUT_PAIR = "{name}, held out"
SHOW_FLOW_AS = "Show F as"
FLOW_SCALE = "Full color of flows at"
PIXELS = "{} px"
COLOR_SCALE = "Full colors of C at"
NOISE_LEVEL = "Noise level t, share of the schedule"
SAMPLING_STEPS = "Sampling steps"
FLOW_VIEWS = {"wheel": "Color wheel", "arrows": "Arrows", "grid": "Warped grid"}
FLOW_KEYS = {
    "wheel": "",
    "arrows": "Each arrow runs from where content was in x_i to where it is in x_j, at its true length.",
    "grid": "Graph paper laid on x_i and moved along. Where it is folded over itself, it is orange.",
}
AUTOMATIC = "Automatic"
OWN_PICTURE_LABEL = "Or a picture of your own as x_j"
OWN_PICTURE = "x_j is your own picture, so nobody knows the truth and there is no error of the edit."
REGISTERED = "The truth is shown as training saw it: moved onto the picture before, to take the chance shift away."
READOUT_HINT = (
    "Point at a picture, or move to one with Tab and use the arrow keys: F, C and what M_y does are read out here."
)
READOUT_WORDS = {
    "pixel": "Pixel",
    "from": "from",
    "inside": "in x_i",
    "scale": "scale",
    "shift": "shift",
    "keeps": "keeps",
    "nothing": "No pixel of x_j takes anything from here.",
    "keys": "Arrow keys read F and C pixel by pixel.",
}

# The pictures.
INSPECT_SECTIONS = {  # title and text of each row
    "given": (
        "What it is given",
        "The reference pair i, before and after, and another picture to edit in the same way. Where a filter for fine "
        "detail was learned, or a color map that goes by the photo, x_i and x_j have gone through it.",
    ),
    "flow": (
        "From x_i to x_j",
        "What the first network, M_x, predicts. F says where each pixel comes from, C how its color is scaled and "
        "shifted.",
    ),
    "source": (
        "Does that explain x_j?",
        "F moves x_i, then C recolors it. Where the result differs from x_j, the error is bright.",
    ),
    "answer": (
        "How the edit is made",
        "The second network, M_y, moves pixels of x_j itself, keeps a share of each and adds paint.",
    ),
    "target": ("The edit", "Kept pixels and paint together, beside the truth that M_y never sees."),
}
INSPECT_PICTURES = {  # label, and what it shows, by field of `workspace.InspectionPictures`
    "x_i": ("x_i: reference before", "Source picture of the reference pair i"),
    "y_i": ("y_i: reference after", "Target picture of the reference pair i"),
    "x_j": ("x_j: picture to edit", "Source picture of pair j"),
    "flow": ("F: flow", "Flow field F from x_i to x_j"),
    "scale": ("C: scale", "Color scale per pixel, diverging around 1"),
    "shift": ("C: shift", "Color shift per pixel, diverging around 0"),
    "warped": ("T_s(x_i): moved by F", "The reference source moved by the flow"),
    "x_j_hat": ("x̂_j: moved and recolored", "Prediction of the source of pair j"),
    "x_error": ("error of x̂_j", "Heat map of the error of the predicted source"),
    "move": ("M_y: moves x_j", "Flow by which the edit moves pixels of x_j"),
    "kept": ("M_y: keeps of x_j", "Share of x_j that the edit keeps"),
    "paint": ("M_y: paint, gray is none", "What the edit adds to what it keeps"),
    "copied_from": ("M_x: where y_i is copied from", "Arrows from places in the reference to where they are copied"),
    "canvas": ("The canvas: y_i at these places", "Target picture of the reference, moved to fit the edit"),
    "alpha": ("M_y: copies of the canvas", "Share of the canvas in the edit"),
    "cutout": ("Pasted: what pair i adds", "What the target of the reference pair adds, cut out"),
    "matte": ("Pasted: where it lies", "Where in the edit the cutout lies"),
    "pasted": ("Pasted: the edit with it", "The edit with the cutout laid over what was painted"),
    "curves": ("Color map: what becomes of gray", "Curves of red, green and blue over the level of gray"),
    "cube": ("Color map: the cube of colors", "Slices of the cube of colors, before and after the map"),
    "gains": ("Color map: brightness by place", "How bright each place of a picture stays, white as it is"),
    "y_j_hat": ("ŷ_j: the edit", "Edit of the source of pair j"),
    "y_j": ("y_j: the truth", "Target picture of pair j"),
    "y_error": ("error of ŷ_j", "Heat map of the error of the edit"),
    "steps": ("ŷ_j after each sampling step", "The edit after each sampling step, from left to right"),
}
LEGEND_ALT = "Legend of {label}"

# The matrix of all pairs.
MATRIX_TITLE = "All pairs at a glance"
MATRIX_HELP = (
    "Every pair once as the reference i and once as the pair j to predict. A column that is worse than the rest is a "
    "pair that does not fit in with the others."
)
MATRIX_STARTS = "Getting the matrix ready…"
MATRIX_START = "Compute the matrix"
MATRIX_GO_ON = "Go on"
MATRIX_AGAIN = "Compute again"
MATRIX_STOP = STOP
MATRIX_UP_TO_DATE = "The matrix is up to date: there are no newer weights."
MATRIX_LOOK = "Point at a cell, or move with the arrow keys, to see its pictures. A click opens it above."
MATRIX_KINDS = {"target": "ŷ_j, the edit", "source": "x̂_j, moved and recolored"}
MATRIX_KIND = "Error of"
MATRIX_LABEL = "PSNR in dB of {kind}, by reference i and predicted pair j"
MATRIX_COLUMNS, MATRIX_ROWS = "j, predicted", "i, reference"
MATRIX_HELD_OUT = "held out"
MATRIX_WORDS = {"held_out": "{name} (held out)", "not_yet": "not yet"}  # for assets/pair_matrix.js
NO_MATRIX = "Nothing computed yet. It takes one quick edit for each cell, and you can stop at any time."

AUTO_LEVELS = (
    "Before that map each photo is stretched between black and white by {counted} (auto levels): {black:.2g} % "
    "of its values become black, {white:.2g} % white."
)
COUNTED = {"light": "its brightness", "all": "its three channels together", "each": "each of its channels"}
GRAIN = (
    "The pictures after have {kind} grain, by {typical:.1f} levels in the middle tones. It is chance, so edits get "
    "grain of their own, last of all; it is not shown here."
)
GRAIN_KINDS = {True: "gray", False: "colored"}

STAND_INS = (
    "This run came as a file, without the pairs that it was learned from. A gray picture stands in for each; where "
    "edits paste something, such as a hat, it lies on the gray. So what pair i shows says little about the effect."
)


def flow_facts(facts: InspectionFacts, view: str) -> list[str]:
    """Say in numbers what F and C do."""
    folded = f"it folds on {percent(facts.folded)} of the picture" if facts.folded else "it folds nowhere"
    clipped = (
        f"leaves the range of colors on {percent(facts.clipped)} of the picture" if facts.clipped else "clips nowhere"
    )
    sentences = [
        f"F moves by {facts.typical_pixels:.1f} px at the median and {facts.longest_pixels:.1f} px at most "
        f"(99th percentile), and {folded}. C {clipped}.",
        FLOW_KEYS[view],
    ]
    return [sentence for sentence in sentences if sentence]


def source_facts(facts: InspectionFacts) -> list[str]:
    """Say how well x_j_hat explains x_j."""
    return [f"x̂_j: {reading(facts.source)}. Leaving x_i as it is: {reading(facts.source_before)}."]


def answer_facts(facts: InspectionFacts) -> list[str]:
    """Say what M_y does with x_j."""
    sentences = [f"M_y keeps {percent(facts.kept)} of x_j and moves it by {facts.moved_pixels:.1f} px at most."]
    if facts.copied is not None:
        sentences.append(f"It copies {percent(facts.copied)} of the canvas, which is shown at the bottom.")
    return sentences


def target_facts(facts: InspectionFacts) -> list[str]:
    """Say how close the edit comes to the truth."""
    sentences = [OWN_PICTURE]
    if facts.target is not None and facts.target_before is not None:
        sentences = [f"ŷ_j: {reading(facts.target)}. Leaving x_j as it is: {reading(facts.target_before)}."]
    if facts.is_registered:
        sentences.append(REGISTERED)
    if facts.paste_explained is not None:
        result = f" With it: {reading(facts.pasted)}." if facts.pasted else ""
        sentences.append(
            f"What pair i adds explains {percent(facts.paste_explained)} of the edit, so it is pasted.{result}"
        )
    if facts.color_explained is not None:
        sentences.append(f"The run's color map alone explains {percent(facts.color_explained)} of the effect.")
    if facts.color_levels is not None:
        measure, *shares = facts.color_levels
        black, white = (100 * share for share in shares)
        sentences.append(AUTO_LEVELS.format(counted=COUNTED[measure], black=black, white=white))
    if facts.grain is not None:
        sentences.append(GRAIN.format(kind=GRAIN_KINDS[facts.grain.is_gray], typical=facts.grain.typical))
    return sentences


def color_range(found: ColorRange) -> str:
    """Return where the maps of C have their full colors."""
    return f"±{100 * found.shift:g} % and {2**found.stops:.2g}x"


def reading(found: Closeness) -> str:
    """Return how close two pictures are."""
    return f"{found.psnr:.1f} dB, mean difference {percent(found.difference)} of the full range"


def percent(share: float) -> str:
    """Return 0.0213 as "2.1 %" and 0.283 as "28 %"."""
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return f"{100 * share:.{1 if share < 0.0995 else 0}f} %"


def matrix_state(matrix: PairMatrix) -> str:
    """Say how much of the matrix is known, and of which pairs and weights."""
    count_all = len(matrix.names)
    of = f"{count_all} x {count_all} pairs, weights of step {matrix.step:,}"
    if count_all < matrix.num_pairs:
        of += f", {count_all} pairs taken evenly from {matrix.num_pairs:,}"
    if not matrix.is_done:
        left = "" if matrix.seconds_left is None else f", about {clock(matrix.seconds_left)} left"
        return f"{matrix.num_done:,} of {matrix.num_edits:,} edits{left}. {of}."
    return f"{of}." + ("" if matrix.is_newest else " There are newer weights.")


def matrix_references(deviation: float | None) -> str:
    """Say how much it matters which pair serves as the reference."""
    if deviation is None:
        return ""
    much = "hardly matters" if deviation < 0.3 else "matters"
    return f"Which pair is the reference {much}: it changes a prediction by {deviation:.1f} dB (standard deviation)."


def matrix_verdict(found: Hardest | None, kind: str) -> str:
    """Name the pair that is predicted worst and say what to do."""
    if found is None:
        return ""
    kin = "held-out pair" if found.is_held_out else "pair"
    numbers = f"{found.psnr:.1f} dB on average, the typical {kin} {found.typical:.1f} dB"
    if not found.stands_out:
        return f"No pair stands out: the hardest is {found.name} ({numbers})."
    advice = (
        "look whether its two sides belong together."
        if kind == "target"
        else "its picture before looks unlike the others, which is fine if you want such pictures edited too."
    )
    return f"{found.name} is the hardest to predict from all others ({numbers}): {advice}"
