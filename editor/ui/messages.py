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
PUBLIC = "Every visitor has a workspace of their own: what they bring is deleted after {hours:g} hours without a visit."
NO_SHARE_ON_SPACE = "A Space has a public address already. Leave --share out."

# What to do next, in the header.
NEXT_ADD_PAIRS = "Add before/after pairs of what you want to teach: about 20 work well."
NEXT_MORE_PAIRS = "Add a few more pairs. Training needs at least two, and about 20 work well."
NEXT_TRAIN = "Your pairs are ready. Go to Train and press Start."
NEXT_WATCH = "Learning. Watch the previews in Train, or look inside in Inspect."
NEXT_EDIT = "Your editor is ready. Go to Edit and drop a photo."

# At the first launch: the tab that a step opens, its title and what to do there.
WELCOME = "Three steps to your own editor"
WELCOME_STEPS = (
    ("Edit", "Try it now", "An editor that has learned a party hat and sunglasses is ready. Click an example."),
    ("Pairs", "Bring your own", "Make an effect and drop about 20 pictures before and after your edit."),
    ("Train", "Teach it", "Press Start. A few minutes later Edit knows your effect."),
)
NEXT_QUEUED = "You are {position} in line. Your training begins {when}; you may close the page."
PUBLIC_LIMITS = (
    "Public app: only you see your pictures, and they are deleted after {hours:g} hours without a visit. Up to {pairs} "
    "pairs an effect, {runs} runs, {minutes:g} minutes each."
)
NO_COOKIE = (
    "This browser keeps no cookies for this page, so your pictures could not be told from those of others. Allow "
    "cookies, or open the app in a tab of its own."
)

# Pairs.
NEW_EFFECT_HINT = "Name, for instance “Sunglasses”"
DROP_LABEL = "Drop your pairs here"
DROP_HELP = (
    "All at once, as they are: loose pictures, folders, zip files. Names such as cat_before and cat_after, folders "
    "such as before and after, or both halves in one picture are understood."
)
SOURCES_LABEL = "Before"
SOURCES_HELP = "Only original pictures"
TARGETS_LABEL = "After"
TARGETS_HELP = "Only edited pictures"
CHOOSE_FILES = "Choose files"
CHOOSE_FOLDER = "Choose folder"
NO_PAIRS = "No pairs yet. Drop your pictures above: you see how they were understood before anything is stored."
HELD_OUT_HELP = "Held-out pairs are never learned from. They show honestly how well the edit works on new pictures."
NO_EFFECT = "Choose an effect first, or make a new one."
MORE_PROBLEMS = "And {count:,} more like these."
NOTHING_DROPPED = "There was no file in what you dropped. Choose pictures, a folder or a zip file."
UPLOAD_FAILED = "The upload did not get through. Try again, with smaller files if they are very large."
COMING = "…"
NOT_SHOWN = "Cannot be read"

# Pairs: what was dropped, before it is stored.
PLAN_GUESS = "This is a guess. Look whether before and after are right, and correct it where they are not."
PLAN_WAITING = "Nothing is stored yet."
PLAN_HELP = "To pair two pictures otherwise, click the one before, then the one after."
PLAN_GONE = "These files no longer wait to be added. Drop them again."
SWAP_ALL = "Swap before and after in all"
SWAP_ONE = "Swap"
TAKE_APART = "Take apart"
DISCARD = "Discard"
LEFT_OVER = "Left over"
NOT_PICTURES = "Not pictures, so they will not be stored"
IGNORED = "Not pictures, so they were not stored: {names}."
UNDO_ADD = "Undo: take {pairs} out again"

# Pairs: the cards and the doctor.
UNDO_REMOVE = "Undo: put pair {name} back"
UNDO_ALIGN = "Undo: take back the alignment of {name}"
UNDO_SWAP = "Undo: swap {name} back"
UNDO_RENAME = "Undo: call pair {name} by its old name"
UNDO_DELETE = "Undo: bring the effect {name} back"
UNDO_RENAME_EFFECT = "Undo: call the effect {name} again"
CHECKING = "The doctor is looking at the pairs…"
NOT_CHECKED = "The doctor could not look at the pairs. {reason}"
HEALTHY = "The doctor found nothing wrong."
ONLY_FLAGGED = "Show only these"
ALL_PAIRS = "Show all pairs"
FLIP_HELP = "Point at the picture before, or press Space, to see the picture after in its place"
FLAGS = {
    "no partner": "No partner",
    "unreadable": "Unreadable",
    "shape": "Sizes differ",
    "too small": "Too small",
    "identical": "No change",
    "duplicate": "Duplicate",
    "mismatch": "Wrong partner",
    "shifted": "Shifted",
    "swapped": "Swapped?",
    "exposure": "Light differs",
    "outlier": "Unlike the others",
}
NOTHING_FLAGGED = "No pair needs a look any more."

# Pairs: effects, storage and trash.
MANAGE_LABEL = "All effects, storage and trash"
EFFECTS_TITLE = "Effects"
TRASH_TITLE = "Trash"
TRASH_EMPTY = "The trash is empty."
TRASH_HELP = "What you delete stays here, and takes space, until you empty the trash."
EMPTY_TRASH = "Empty the trash"
EMPTY_SURE = "Delete {size} for good? Click again"
TRASH_KINDS = {"effect": "effect", "run": "run"}

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
    "queued": "Waiting in line",
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
    return f"{count(num_training + num_held_out, 'pair')}: {pairs_split(num_training, num_held_out)}"


def pairs_split(num_training: int, num_held_out: int) -> str:
    """Return what the pairs are for."""
    return f"{num_training:,} to learn from, {num_held_out:,} held out"


def ignored_files(names: Sequence[str]) -> str:
    """Name the files that nobody would expect to be stored."""
    return IGNORED.format(names=_list(names))


def readable_bytes(number: float) -> str:
    """Return 1 234 567 bytes as "1.2 MB"."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit != "MB" or number >= 10 else f"{number:.1f} MB"
        number /= 1000
    return f"{number:.1f} GB"


def plan_summary(num_pairs: int, num_left: int) -> str:
    """Say what a drop was understood to be."""
    if not num_pairs:
        return f"{count(num_left, 'picture')} without a partner. Drop the partners too, or pair them by hand."
    left = f", {count(num_left, 'picture')} left over" if num_left else ""
    return f"{count(num_pairs, 'pair')} found{left}."


def rule_used(rule: str, number: int, total: int) -> str:
    """Say how pairs were understood; how many were, if not all."""
    return rule if number == total else f"{count(number, 'pair')}: {rule}"


def flagged(number: int) -> str:
    """Say how many pairs the doctor has something to say about."""
    return f"The doctor: {count(number, 'pair')} {'needs' if number == 1 else 'need'} a look."


def pixels(size: tuple[int, int]) -> str:
    """Return "512 x 384 px"."""
    return f"{size[0]} x {size[1]} px"


def page_of(first: int, last: int, total: int) -> str:
    """Say which pairs of a long list are shown."""
    return f"{first} to {last} of {total:,} pairs"


def and_more(names: Sequence[str]) -> str:
    """Name files that are not shown."""
    return f"And {_list(names)}."


def trashed_pairs(names: Sequence[str], effect: str) -> str:
    """Name pairs that were removed."""
    return f"{_list(names, 3)} ({'pair' if len(names) == 1 else 'pairs'} of {effect})"


def storage_total(total: int, free: int) -> str:
    """Say how much space everything takes."""
    return f"Everything takes {readable_bytes(total)}; {readable_bytes(free)} are free on this disk."


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


def in_line(position: int, seconds: float) -> str:
    """Say where a training stands in the queue."""
    ordinal = ("first", "second", "third", "fourth", "fifth")
    name = ordinal[position - 1] if position <= len(ordinal) else f"number {position}"
    when = "in a moment" if seconds < 30 else f"in about {count(max(round(seconds / 60), 1), 'minute')}"
    return NEXT_QUEUED.format(position=name, when=when)


def edit_done(width: int, height: int, seconds: float, reference: str) -> str:
    """Say what came out of an edit."""
    return f"{width} x {height} pixels in {seconds:.1f} s, going by pair {reference}."


def _list(names: Sequence[str], limit: int = 8) -> str:
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
