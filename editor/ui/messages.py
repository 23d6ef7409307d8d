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
BAD_PRESET = "Choose a quality: {names}."
BAD_SEED = "The seed must be a whole number from 0 to {limit}."
CHOOSE_RUN = "Choose a run first, or start one."

# Inspect and Edit.
NO_RUN_TO_INSPECT = "Nothing to look into yet. Start a run in Train; this page fills with its first preview."
NO_RUN_TO_EDIT = "There is no editor yet. Start a run in Train; you can edit as soon as its first preview is there."
NO_WEIGHTS = "This run is just beginning. The first preview comes within seconds, and then this page works."
NO_PHOTO = "Choose a photo first: drop one on the left."

# Edit.
PHOTO_LABEL = "Photos: drop one or many, of any size"
NO_PHOTO_OPENED = "No photo could be opened"
TOO_MANY_PHOTOS = "At most {limit} photos fit here at once. Save these, remove them, and drop the rest."
EXAMPLES = "Or try one of these, which the editor has never seen:"
TRY_EXAMPLE = "Try it on {name}"
EDITED_ALT = "{name} edited"
WAITING = "waits"
REFERENCE_TITLE = "The pair that the edit goes by:"
REFERENCE_CHOICES = {"random": "Any (by the seed)", "best": "Best match", "average": "Average of five"}
BY_PAIR = "Go by pair {name}"
EDIT_SEED_INFO = "Another seed draws other noise. Where it shows, the editor is unsure."
VARIATIONS = "The same photo with four seeds. Click one to take it."
COMPARED = "The same photo by each run, with the score of its last preview. Click one to edit with it."
TAKE_THIS = "Edit with {name}"
COMPARE_INFO = "Two to four."
CHOOSE_RUNS = "Choose two to {limit} runs to compare."
NEWEST_INFO = "Edit the shown photo anew, every few seconds, while the run learns."
SCOPES = {"learned": "where the edit belongs", "everywhere": "everywhere", "brushed": "where I brush"}
VIEWER = {
    "view": "How to look at the photo",
    "split": "Slider",
    "side": "Side by side",
    "zoom_out": "Zoom out",
    "fit": "Fit to the page",
    "zoom_in": "Zoom in",
    "area": "Show area",
    "heat": "Show disagreement",
    "before": "Before",
    "after": "After",
    "divider": "Divider between before and after",
    "strength": "Strength",
    "scope": "Change",
    "brushes": "Brushes",
    "add": "Brush: edit here",
    "remove": "Brush: leave alone",
    "paint": "Retouch",
    "size": "Size",
    "color": "Color",
}
PAIR_HELP = (
    "Is an edit not quite right? Mend it with the brushes above, or download it, correct it in a program that you like "
    "and drop it here. As a pair it teaches the editor what you meant."
)
CORRECTED = "Corrected by you. Save it, or add it as a pair."
CORRECTED_LABEL = "The corrected picture, if you have one"
THEN_CONTINUE = "Continue training, and the editor learns from it within minutes, without forgetting the rest."
WARM_STARTED = "Learning goes on, with the new pair. Watch it in Train; this photo follows with “Newest weights”."
NO_EFFECT_OF_RUN = "The effect that this run learned is no longer there, so a pair cannot be added. Choose another run."
NOT_IN_ZIP = "These photos are not in the zip file"

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


def edit_done(width: int, height: int, seconds: float, references: Sequence[str]) -> str:
    """Say what came out of an edit."""
    pairs = f"pair {references[0]}" if len(references) == 1 else f"{len(references)} pairs"
    return f"{width} x {height} pixels in {seconds:.1f} s, going by {pairs}."


def outside(change: float | None, jpeg: float | None) -> list[str]:
    """Say how much an edit changes outside its area, in 8-bit levels, beside what JPEG does there."""
    if change is None or jpeg is None:
        return []
    beside = f"Saving as JPEG (quality 95) would change it by {jpeg:.2f} of 255 levels on average."
    if change == 0:
        return [f"Outside the area, every pixel is that of your photo. {beside}"]
    return [f"Outside the area, the edit changes the photo by {change:.2f} of 255 levels on average. {beside}"]


def heat_title(levels: float) -> str:
    """Explain the map of where references disagree."""
    return f"Bright: the edits by different pairs differ, by up to {levels:.0f} of 255 levels (standard deviation)."


def photos_done(done: int, total: int) -> str:
    """Say how many photos are edited."""
    return f"{done} of {total} photos edited" + ("" if done == total else "…")


def score(psnr: float) -> str:
    """Return the score of a run."""
    return f"{psnr:.1f} dB"


def pair_added(name: str, total: int) -> str:
    """Say that an edit became a pair."""
    return f"Added as pair {name}. The effect has {count(total, 'pair')} now."


def _list(names: Sequence[str], limit: int = 8) -> str:
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
