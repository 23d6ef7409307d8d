"""Words of the Edit tab: photos, the viewer, seeds and references, downloads, and edits that become pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from editor.ui.messages.common import EDITED_ALT, SIDE_ALT, count, duration, listed

PHOTO_COMES = "Your photo is on its way. Its edit appears here in a moment."
WAITS = {  # what the page waits for
    "run": "Getting Edit ready…",
    "photos": "Opening and editing your photo…",
    "edit": "Editing…",
    "stroke": "Taking in your stroke…",
    "references": "Editing by eight pairs, to find four that differ…",
    "compare": "Editing with each of these runs…",
    "file": "Writing the edit at full size…",
    "zip": "The zip file begins…",
    "clip": "Making the clip…",
    "pair": "Adding the pair…",
    "warm": "Starting…",
}
NO_RUN_TO_EDIT = "There is no editor yet. Start a run in Train; you can edit as soon as its first preview is there."
NO_PHOTO = "Choose a photo first: drop one here."
EDIT_AGAIN = "Edit all again with what the run knows now"
CLOSE = "Close"
REMOVE_PHOTO = "Remove {name}"
REMOVE_ALL = "Remove all"
REFERENCE_AND_SEED = "Reference and seed"
EDIT_SEED = "Seed"
PAIR_TAKE = "Pair {name}"
SHOW_REFERENCES = "Show 4 references side by side"
COMPARE_AND_FOLLOW = "Compare and follow runs"
NEWEST_WEIGHTS = "Newest weights"
RUNS_TO_COMPARE = "Runs to compare"
COMPARE_HERE = "Compare on this photo"
SAVE_AS = "Save as"
DOWNLOAD = "Download"
DOWNLOAD_ALL = "All (zip)"
CLIP = "A clip to show"
MAKE_CLIP = "Download the clip"
EDIT_CLIP = "Edit the whole clip"
SAVE_CLIP = "Download the edited clip"
MAKE_IT_A_PAIR = "Make it a pair"
ADD_AS_PAIR = "Add as a pair"
WARM_MINUTES = "Minutes"
CONTINUE_WARM = "Continue training"
PHOTO_LABEL = "Drop photos here"
PHOTO_HELP = "Drop a photo, or many, of any size, anywhere on this page. The edit appears here a moment later."
CLIP_HELP = "A video clip can be dropped, too."
NOTHING_DROPPED = "There was no photo in what you dropped."
NO_PHOTO_OPENED = "No photo could be opened"
TOO_MANY_PHOTOS = "At most {limit} photos fit here at once. Save these, remove them, and drop the rest."
PHOTO_GONE = "The photo that this was meant for is no longer here. Nothing was changed."
EXAMPLES = "Or try one of these, which the editor has never seen:"
TRY_EXAMPLE = "Try it on {name}"
WAITING = "waits"
FAILED = "failed"
GO_ON = "Go on"
RETRY = "Retry"
SKIP = "Skip"
RETRY_PHOTO = "Try {name} again"
PAGES = "Pages of photos"
EARLIER, LATER = "Earlier", "Later"
NOT_GOING_ON = "No more photos are edited for now"
REFERENCE_TITLE = "The pair that the edit goes by:"
REFERENCE_CHOICES = {"random": "Any (by the seed)", "best": "Best match", "average": "Average of five"}
BY_PAIR = "Go by pair {name}"
EDIT_SEED_INFO = "Another seed draws other noise. Where it shows, the editor is unsure."
VARIATIONS = "The same photo, going by the pairs that make the most of a difference. Click one to go by it."
NO_VARIATION = (
    "Whichever pair it goes by, the edit of this photo is the same. These differ most, and nobody can see it."
)
COMPARED = "The same photo by each run, with the score of its last preview. Click one to edit with it."
TAKE_THIS = "Edit with {name}"
COMPARE_INFO = "Two to four."
CHOOSE_RUNS = "Choose 2 to {limit} runs to compare."
RUN_GONE = "The run {name} is no longer there. Choose the runs to compare anew."
NOT_FOLLOWED = "The newest weights are no longer followed"
NEWEST_INFO = "Edit the shown photo anew, every few seconds, while the run learns."
SCOPES = {"learned": "where the edit belongs", "everywhere": "everywhere", "brushed": "where I brush"}
VIEWER = {
    "view": "How to look at the photo",
    "split": "Slider",
    "side": "Side by side",
    "zoom_out": "Zoom out",
    "fit": "Fit to the page",
    "fit_short": "Fit",
    "zoom_in": "Zoom in",
    "full": "Actual size (100 %)",
    "remove_photo": "Remove this photo",
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
    "paint": "Paint",
    "pick": "Pick a color",
    "undo": "Undo correction",
    "undo_keys": "Ctrl-Z",
    "redo": "Redo correction",
    "redo_keys": "Ctrl-Shift-Z",
    "size": "Size",
    "size_keys": "[ is smaller, ] is larger",
    "soft": "Soft edge",
    "color": "Color",
    "frames": "Frames",
    "frame_add": "Add a frame",
    "frame_no": "No, all of it",
    "frame_help": "Draw a square around each part that looks like your pairs, such as one face of a group. Only what "
    "is in a frame is edited; its edges are soft.",
    "pick_help": "Takes the color under the pointer; so does Alt and a click while painting",
}
VIEWER_WORDS = {  # for assets/edit_viewer.js, which fills in the {places}
    "fit_short": VIEWER["fit_short"],
    "before": SIDE_ALT["before"],
    "edited": EDITED_ALT,
    "not_sent": "What you drew did not get through and was taken back. Look whether the app still runs; draw it again.",
    "frame": "Frame {number}",
    "frame_keys": "Arrow keys move it, + and - change its size, Delete removes it; with Shift in pixels",
    "remove_frame": "Remove this frame",
    "frame_add": VIEWER["frame_add"],
    "frame_yes": "Edit only that",
    "large": "This photo is far larger than the pictures that this editor has learned from. Does only a part of it "
    "look like them? Put a frame around that part.",
    "large_found": "This photo is far larger than the pictures that this editor has learned from. Dashed: what looks "
    "most like them.",
    "quick_look": "This is only a quick look. Paint on the edit as soon as it is there in full, in a moment.",
}
PAIR_HELP = (
    "Is an edit not quite right? Mend it with the brushes above, or download it, correct it in a program that you like "
    "and drop it here. As a pair it teaches the editor what you meant."
)
CORRECTED = "Corrected by you. Save it, or add it as a pair."
CORRECTED_LABEL = "The corrected picture, if you have one"
THEN_CONTINUE = "Continue training, and the editor learns from it within minutes, without forgetting the rest."
WARM_QUEUED = "Another run is learning. This one waits in line, see Train, and begins by itself."
WARM_STARTED = "Learning goes on, with all pairs of the effect. Watch it in Train; “Newest weights” shows it here."
NO_EFFECT_OF_RUN = "The effect that this run learned is no longer there, so a pair cannot be added. Choose another run."
NAMES = "Names of saved photos"
NAME_PATTERN = "Pattern"
NAME_PATTERN_INFO = (
    "{name} is that of your photo, {effect} that of the effect, {number} its place. Equal names get a number each."
)
ZIP_COMES = (
    "The zip file is on its way to your downloads, photo by photo as each is edited at full size. A photo that cannot "
    "be edited is named in not-edited.txt in there."
)


def edit_done(width: int, height: int, seconds: float, references: Sequence[str], pasted: Sequence[str]) -> str:
    """Say what came out of an edit."""
    source = _pairs(pasted)
    if set(pasted) == set(references):
        source = "it" if len(pasted) == 1 else "them"
    added = f" What is added is pasted from {source}." if pasted else ""
    return f"{width} x {height} pixels in {seconds:.1f} s, going by {_pairs(references)}.{added}"


def _pairs(names: Sequence[str]) -> str:
    return f"pair {names[0]}" if len(names) == 1 else f"{len(names)} pairs"


def outside(change: float | None, jpeg: float | None) -> list[str]:
    """Say how much an edit changes outside its area, in 8-bit levels, beside what JPEG does there."""
    if change is None or jpeg is None:
        return []
    beside = f"Saving as JPEG (quality 95) would change it by {jpeg:.2f} of 255 levels on average."
    if change == 0:
        return [f"Outside the area, every pixel is that of your photo. {beside}"]
    return [f"Outside the area, the edit changes the photo by {change:.2f} of 255 levels on average. {beside}"]


def outside_plain(change: float) -> str:
    """Say in plain words what `outside` tells in levels."""
    if change == 0:
        return "Outside the area, every pixel is that of your photo."
    share = f"{change / 255:.1%}" if change >= 0.2 else "less than 0.1%"
    return f"Outside the area, the edit changes the photo by {share} of full brightness on average."


def transparent(backdrop: str) -> str:
    """Say what becomes of a photo's transparency, given the color on which it is edited."""
    return (
        f"The edit stays as transparent as your photo, saved as PNG or WebP. JPEG knows no transparency: there, and "
        f"here, it lies on {backdrop}."
    )


def heat_title(levels: float) -> str:
    """Explain the map of where references disagree."""
    return f"Bright: the edits by different pairs differ, by up to {levels / 255:.0%} of full brightness."


def photos_done(done: int, total: int, failed: int, seconds_left: float | None) -> str:
    """Say how many photos are edited, how many failed, and for about how long the others wait."""
    words = f"{done} of {total} photos edited" + (f", {failed} failed" if failed else "")
    if not seconds_left:
        return words + ("" if done + failed >= total else "…")
    return f"{words}, about {_rough(seconds_left)} left"


def _rough(seconds: float) -> str:
    """Return a time in minutes, or in steps of five seconds."""
    return duration(round(seconds / 60) if seconds >= 60 else 5 * max(1, math.ceil(seconds / 5)) / 60)


def clip_progress(state: str, done: int, total: int, seconds_left: float | None) -> str:
    """Say how far the edit of a clip is."""
    if state == "waiting":
        return "Another clip is being edited. This one begins by itself."
    if state == "done":
        return "The clip is edited. Its sound, if it has any, is as it was."
    if state != "running":
        return "This is the first frame of a clip. All others are edited in the same way, in the background."
    words = f"{done:,} of {total:,} frames edited" if total else f"{done:,} frames edited"
    return f"{words}…" if seconds_left is None else f"{words}, about {_rough(seconds_left)} left"


def clip_reach(*, has_area: bool, is_retouched: bool) -> list[str]:
    """Say what of the work on the first frame of a clip reaches the others."""
    area = "The area that you brushed holds for all frames, in the same place."
    retouched = "What you painted or corrected stays on this frame: the clip is edited without that."
    return [words for words, is_said in ((area, has_area), (retouched, is_retouched)) if is_said]


def photos_shown(first: int, last: int, total: int) -> str:
    """Say which photos the filmstrip shows."""
    return f"{first} to {last} of {total}"


def photos_gone(names: Sequence[str]) -> str:
    """Name photos that were cleared away meanwhile."""
    is_one = len(names) == 1
    return (
        f"{listed(names)} {'is' if is_one else 'are'} no longer here: what is left alone for an hour makes room for "
        f"new photos. Drop {'it' if is_one else 'them'} again."
    )


def pair_added(name: str, replaced: str | None, total: int) -> str:
    """Say that an edit became a pair, perhaps in place of another one."""
    instead = f", in place of {replaced}, which is in the trash" if replaced else ""
    return f"Added as pair {name}{instead}. The effect has {count(total, 'pair')} now."
