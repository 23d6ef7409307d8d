"""Every sentence that the pages say themselves. Plain words; what to do next comes last."""

from __future__ import annotations

from collections.abc import Sequence

from editor.training.history import PreviewPoint
from editor.training.trend import Trend

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
# Train, the charts.
LOSSES = "Losses"
HELD_OUT = "Held-out"
ON_TRAINING_PAIRS = "On training pairs:"
EDITED = "edited"
LEFT_ALONE = "left as it is"
LOWER_IS_BETTER = "lower is better"
HIGHER_IS_BETTER = "higher is better"
NOTHING_COMPARED = "Tick Compare at two or more runs above to see their curves in one chart."
AXES = {"steps": "steps", "seconds": "time"}
SCALES = ("log", "linear")
SMOOTHING = "smoothing"
AT_MOMENT = "{axis}: {x}"

# Train, the timeline.
TIMELINE = "Timeline"
MOMENT = "Moment of the run"
MOMENT_FACTS = ("Step", "Time", "PSNR", "SSIM")
NEWEST = "Newest"
FOLLOW = "Follow the newest preview"
BEST = "Best so far"
BEST_SHORT = "Best"
PLAY = "Play from the first preview to the newest"
LEFT, RIGHT = "Left", "Right"
PICTURE = "Picture"
DIVIDER = "Divider between left and right"
COMPARE = "Compare two moments, or two runs"
COMPARE_WITH = "Compare with"
SAME_RUN = "This run at another moment"
NOTHING_TO_COMPARE = "Two previews of a run can be compared here, as soon as there are some."
ANIMATION = "Save the timeline as an animation"
ANIMATION_HELP = "A row of the pictures above growing sharp: before, every stage, and the truth at the end."
FORMATS = {"gif": "GIF, plays anywhere", "webp": "WebP, smaller and finer"}
MAKE_ANIMATION = "Make animation"
SAVE_ANIMATION = "Save {name}, {size}"
TIMELINE_WORDS = {  # for assets/timeline.js and assets/compare.js, which fill in the {places}
    "held_out": "Held-out pairs, never learned from",
    "training_pairs": "Training pairs (none is held out)",
    "moment": "Step {step}, {time}, {psnr}",
    "gain": "{psnr}, {gain} over no edit",
    "best": "{psnr}, step {step}",
    "pair": "Pair {name}",
    "before": "{name} before",
    "edited": "{name} edited after step {step}",
    "truth": "{name} after, the truth",
    "label": "{run}, step {step}, {psnr}",
    "compared": "{name} edited by {label}",
    "nothing_to_compare": NOTHING_TO_COMPARE,
    "no_common_picture": "These two runs were previewed on different pictures, so they cannot be compared like this.",
}

# Train, the runs.
RUNS = "All runs: compare, rename, copy, delete"
NO_RUNS = "No run yet."
NEW_NAME = "New name of the run"
RUN_COMPARE = "Compare"
RUN_ACTIONS = {
    "continue": ("Continue", "Use up the time that was left, or learn for the minutes given on the left"),
    "rename": ("Rename", "Give the run another name"),
    "copy": ("Copy", "A new run with the same settings and pairs that has learned nothing yet"),
    "delete": ("Delete", "Can be undone"),
}
RUN_WORDS = {"show": "Show {name}", "start": "Start", "continue": "Continue"}  # for assets/run_cards.js
UNDO_DELETE_RUN = "Undo: bring {name} back"
TOO_MANY_COMPARED = "At most {count} runs fit into one chart. Untick some."
NO_SCORE = "no preview yet"

BAD_PRESET = "Choose a quality: {names}."
BAD_SEED = "The seed must be a whole number from 0 to {limit}."
CHOOSE_RUN = "Choose a run first, or start one."

# Inspect and Edit.
NO_RUN_TO_INSPECT = "Nothing to look into yet. Start a run in Train; this page fills with its first preview."
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


def run_score(best: float | None, last: float | None, unedited: float | None, *, is_held_out: bool) -> str:
    """Tell the PSNR of a run: the best on its held-out pairs, or else the last on what it learned from."""
    if is_held_out and best is not None:
        return f"best {better_than_nothing(best, unedited)}"
    if last is None:
        return NO_SCORE
    return better_than_nothing(last, unedited) + ("" if is_held_out else ", on training pairs")


def megabytes(size: float) -> str:
    """Return a number of bytes for people."""
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


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


def edit_done(width: int, height: int, seconds: float, reference: str) -> str:
    """Say what came out of an edit."""
    return f"{width} x {height} pixels in {seconds:.1f} s, going by pair {reference}."


def _list(names: Sequence[str], limit: int = 8) -> str:
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
