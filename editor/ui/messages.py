"""Every sentence that the pages say themselves. Plain words; what to do next comes last."""

from __future__ import annotations

from collections.abc import Sequence

from editor.training.history import PreviewPoint
from editor.training.trend import Trend
from editor.workspace import Hardest, InspectionFacts, PairMatrix, Reading

PRODUCT = "Pairbrush"
TAGLINE = "Your own image editor, learned from a few before/after pairs."

# In the terminal.
READY = "Pairbrush is ready at {url}. Ctrl-C ends it and keeps everything."
NO_PORT = (
    "The app cannot be served at {host}, port {port}: the port is taken, or the address is not one of this machine. "
    "Choose others with --host and --port."
)
NO_SHARE = "There is no public link: Gradio's servers could not be reached. The app is served without one."
NEEDS_AUTH = (
    "With {what}, others could reach the app and everything in its workspace. Give a name and a password with "
    "--auth user:password, or in the environment variable PAIRBRUSH_AUTH, which other users of this machine cannot see."
)
BAD_AUTH = "The account must look like user:password, with a password of at least {count} characters."
NO_SHARE_ON_SPACE = "A Space has a public address already. Leave --share out."

# What to do next, in the header.
NEXT_ADD_PAIRS = "Add before/after pairs of what you want to teach: about 20 work well."
NEXT_MORE_PAIRS = "Add a few more pairs. Training needs at least two, and about 20 work well."
NEXT_TRAIN = "Your pairs are ready. Go to Train and press Start."
NEXT_WATCH = "Learning. Watch the previews in Train, or look inside in Inspect."
NEXT_EDIT = "Your editor is ready. Go to Edit and drop a photo."

# Pairs.
NEW_EFFECT_HINT = "Name, for instance “Sunglasses”"
SOURCES_LABEL = "Before: the original pictures"
TARGETS_LABEL = "After: the edited pictures"
FOLDER_LABEL = "Or a folder or zip with both"
FOLDER_HELP = "Drop it here. Inside: before/ and after/, source/ and target/, or cat_before.jpg and cat_after.jpg"
PAIRS_HELP = (
    "Pictures belong together when their file names are the same, such as `cat.jpg` before and `cat.png` after."
)
NO_PAIRS = "No pairs yet. Drop the pictures before on the left and the pictures after on the right."
HELD_OUT_HELP = "Held-out pairs are never learned from. They show honestly how well the edit works on new pictures."
UNDO_REMOVE = "Undo: put pair {name} back"
NO_EFFECT = "Choose an effect first, or make a new one."
MORE_PROBLEMS = "And {count:,} more like these."
NOTHING_DROPPED = "There was no file in what you dropped. Choose a folder or a zip file."
UPLOAD_FAILED = "The upload did not get through. Try again, with smaller files if they are very large."

# Train.
PRESET_LABELS = {
    "draft": ("Draft", "quick, made for any computer"),
    "standard": ("Standard", "sharper, better with a graphics card"),
    "fine": ("Fine", "the sharpest, needs a graphics card"),
}
CONTINUE_HELP = "Continue uses up the time that was left. After a finished run it adds the minutes given here."
SEED_INFO = "Decides the first weights and every draw. The same seed repeats a run."
NO_RUN = "No run yet. Choose how long to train and press Start; the first preview comes within seconds."
NO_LOSSES = "The curves begin after the first steps."
NO_PSNR = "One point for every preview."
NO_PREVIEW = (
    "Pictures that were never learned from appear here and grow sharper: before, what the editor makes, and after."
)
LOSS_LABELS = {"source": "Flow and color", "target": "Edit", "frequency": "Fine detail", "move": "Movement"}
STATES = {
    "waiting": "Getting ready",
    "running": "Learning",
    "elsewhere": "Learning in another program",
    "stopping": "Stopping",
    "untrained": "Not trained yet",
    "interrupted": "Interrupted",
    "stopped": "Stopped",
    "finished": "Finished",
    "failed": "Failed",
}
INTERRUPTED = "The program ended while this run was learning. Continue goes on from what was saved last."
CHANCE_SHIFT = (
    "The two pictures of these pairs are shifted against each other by chance, by about {pixels:.1f} px of "
    "the model. While learning, each picture after is moved onto the one before; your files stay as they are."
)
BAD_PRESET = "Choose a quality: {names}."
BAD_SEED = "The seed must be a whole number from 0 to {limit}."
CHOOSE_RUN = "Choose a run first, or start one."

# Inspect.
NO_RUN_TO_INSPECT = "Nothing to look into yet. Start a run in Train; this page fills with its first preview."
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
MATRIX_HELP = (
    "Every pair once as the reference i and once as the pair j to predict. A column that is worse than the rest is a "
    "pair that does not fit in with the others."
)
MATRIX_START = "Compute the matrix"
MATRIX_GO_ON = "Go on"
MATRIX_AGAIN = "Compute again"
MATRIX_STOP = "Stop"
MATRIX_UP_TO_DATE = "The matrix is up to date: there are no newer weights."
MATRIX_LOOK = "Point at a cell, or move with the arrow keys, to see its pictures. A click opens it above."
MATRIX_KINDS = {"target": "ŷ_j, the edit", "source": "x̂_j, moved and recolored"}
NO_MATRIX = "Nothing computed yet. It takes one quick edit for each cell, and you can stop at any time."

# Edit.
NO_RUN_TO_EDIT = "There is no editor yet. Start a run in Train; you can edit as soon as its first preview is there."
NO_WEIGHTS = "This run is just beginning. The first preview comes within seconds, and then this page works."
NO_PHOTO = "Choose a photo first: drop one on the left."
PHOTO_LABEL = "Photo: drop one of any size"
ANY_REFERENCE = "chosen by the seed"

# What went wrong.
ERROR_TITLE = "That did not work"
STALE_PAGE = "The page sent something that does not fit. Reload the page and try again."
FILE_TROUBLE = "A file could not be read or written ({reason}). What is stored is safe; the terminal has the details."
TOO_LARGE = "This is larger than the maximum allowed size of {limit} MB. Make it smaller, or bring it in several parts."
BROKEN_OFF = "The upload was broken off."
OTHER_SITE = "This request comes from another web site, so it was not carried out. Open the app itself."
NOT_HERE = "There is nothing here. Open the app at its address without anything behind it."
UNEXPECTED = "Something went wrong that should not have ({name}). What is stored is safe; the terminal has the details."


def count(number: int, noun: str) -> str:
    """Return "1 pair" or "3 pairs"."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def pairs_summary(num_training: int, num_held_out: int) -> str:
    """Return how many pairs there are and what for."""
    total = count(num_training + num_held_out, "pair")
    return f"{total}: {num_training:,} to learn from, {num_held_out:,} held out"


def waiting_files(sources: Sequence[str], targets: Sequence[str]) -> list[str]:
    """Name the files whose partner has not been dropped yet."""
    sentences = []
    for here, there, names in (("before", "after", sources), ("after", "before", targets)):
        if names:
            verb = "waits" if len(names) == 1 else "wait"
            sentences.append(
                f"{count(len(names), 'picture')} {here} {verb} for a picture {there} of the same name: {_list(names)}."
            )
    return sentences


def added(names: Sequence[str]) -> str:
    """Say how many pairs were added."""
    return f"Added {count(len(names), 'pair')}." if names else "No pair was added."


def clock(seconds: float) -> str:
    """Return 75 s as "1:15" and 3700 s as "1:01:40"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def better_than_nothing(psnr: float, unedited: float | None) -> str:
    """Return a held-out PSNR and how far it is from leaving the pictures alone."""
    return f"{psnr:.1f} dB" if unedited is None else f"{psnr:.1f} dB, {psnr - unedited:+.1f} over no edit"


def moment(preview: PreviewPoint) -> str:
    """Name a preview by its score and step."""
    return f"{preview.psnr:.1f} dB, step {preview.step:,}"


def judgement(found: Trend) -> str:
    """Say whether it is worth waiting; nothing while it is too early, or while it improves."""
    if found.kind == "flat":
        return (
            f"The score has gained nothing for {clock(found.seconds)}. If the previews no longer get better "
            "to your eye either, stop now."
        )
    if found.kind == "overfitting":
        return (
            f"Only learning the pairs by heart since step {found.best.step:,}, {clock(found.seconds)} ago: stop now, "
            "and add pairs if you can. Editing uses weights from before that."
        )
    return ""


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


def mix_facts(facts: InspectionFacts) -> list[str]:
    """Say what M_y does with x_j."""
    return [f"M_y keeps {percent(facts.kept)} of x_j and moves it by {facts.moved_pixels:.1f} px at most."]


def target_facts(facts: InspectionFacts) -> list[str]:
    """Say how close the edit comes to the truth."""
    if facts.target is None or facts.target_before is None:
        return [OWN_PICTURE]
    told = f"ŷ_j: {reading(facts.target)}. Leaving x_j as it is: {reading(facts.target_before)}."
    return [told, REGISTERED] if facts.is_registered else [told]


def reading(found: Reading) -> str:
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


def matrix_references(spread: float | None) -> str:
    """Say how much it matters which pair serves as the reference."""
    if spread is None:
        return ""
    much = "hardly matters" if spread < 0.3 else "matters"
    return f"Which pair is the reference {much}: it changes a prediction by {spread:.1f} dB (standard deviation)."


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


def edit_done(width: int, height: int, seconds: float, reference: str) -> str:
    """Say what came out of an edit."""
    return f"{width} x {height} pixels in {seconds:.1f} s, going by pair {reference}."


def _list(names: Sequence[str], limit: int = 8) -> str:
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
