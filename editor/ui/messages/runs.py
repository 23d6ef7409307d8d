"""Words about how runs went: charts, the timeline of previews, animations, and the list of all runs."""

from __future__ import annotations

from editor.ui.messages.common import CLOSENESS, CONTINUE, PSNR, SIDE_ALT, SSIM, better_than_nothing, closeness

# The charts.
NO_LOSSES = "The curves begin after the first steps."
NO_PSNR = "One point for every preview."
NO_PREVIEW = (
    "Pictures that were never learned from appear here and grow sharper: before, what the editor makes, and after."
)
LOSS_LABELS = {
    "source": "Flow and color",
    "target": "Edit",
    "frequency": "Frequencies",
    "edges": "Edges",
    "unchanged": "What stays",
    "canvas": "Canvas",
    "move": "Movement",
}
STATES = {
    "queued": "Waiting in line",
    "waiting": "Getting ready",
    "running": "Learning",
    "elsewhere": "Learning in another program",
    "pausing": "Pausing",
    "paused": "Paused",
    "stopping": "Stopping",
    "untrained": "Not trained yet",
    "interrupted": "Interrupted",
    "stopped": "Stopped",
    "finished": "Finished",
    "failed": "Failed",
    "shared": "Came as a file",
    "rented": "On a rented machine",
}
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

# The timeline of previews, and animations.
TIMELINE = "Timeline"
MOMENT = "Moment of the run"
MOMENT_FACTS = (("Step", "expert"), ("Time", ""), (PSNR, "expert"), (SSIM, "expert"), ("Close to the truth", "simple"))
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
ALL_PREVIEWS = "All previews"
ANIMATION_HELP = "A row of the pictures above growing sharp: before, every stage, and the truth at the end."
MAKE_ANIMATION = "Make animation"
MAKING_ANIMATION = "Drawing the animation…"
SAVE_ANIMATION = "Save {format}, {size}"
PREVIEW_CAPTIONS = {"before": "Before", "edited": "Edited", "truth": "Truth"}
TIMELINE_WORDS = {  # for assets/timeline.js and assets/compare.js, which fill in the {places}
    "held_out": "Pairs kept for testing, never learned from",
    "training_pairs": "Pairs it learns from (none is kept for testing)",
    "moment": "Step {step}, {time}, {psnr}",
    "gain": "{psnr}, {gain} over no edit",
    "best": "{psnr}, step {step}",
    "best_plain": "after {time}",
    "closeness": CLOSENESS,
    "label_plain": "{run}, {time}",
    "pair": "Pair {name}",
    "before": SIDE_ALT["before"],
    "edited": "{name} edited after step {step}",
    "truth": "{name} after, the truth",
    "label": "{run}, step {step}, {psnr}",
    "compared": "{name} edited by {label}",
    "nothing_to_compare": NOTHING_TO_COMPARE,
    "no_common_picture": "These two runs were previewed on different pictures, so they cannot be compared like this.",
}

# The list of runs.
RUNS = "All runs"
NO_RUNS = "No run yet."
NEW_NAME = "New name of the run"
RUN_COMPARE = "Compare"
RUN_ACTIONS = {
    "continue": (CONTINUE, "Use up the time that was left, or learn for as long as Time says"),
    "rename": ("Rename", "Give the run another name"),
    "copy": ("Copy", "A new run with the same settings and pairs that has learned nothing yet"),
    "delete": ("Delete", "Can be undone"),
}
SLIM = "Keep only what editing needs"
SLIM_HELP = "Deletes what it takes to go on exactly from here: the optimizer's state and older versions of the weights"
SLIM_SURE = "There is no undo, and Continue will have to find its pace again. Click again"
SLIMMED = "{size} freed. The run edits as before."
CARD_ACTIONS = {name: action for name, action in RUN_ACTIONS.items() if name != "continue"}
CARD_LABEL = "{action} the run {name}"
RUN_WORDS = {  # for assets/run_cards.js, which fills in the {places}
    "show": "Show {name}",
    "start": "Start",
    "continue": CONTINUE,
    "button": "{action} {name}",
}
UNDO_DELETE_RUN = "Undo: bring {name} back"
TOO_MANY_COMPARED = "At most {count} runs fit into one chart. Untick some."
NO_SCORE = "no preview yet"
CLOSE = "Close to your pictures after: {closeness}"
CLOSE_TRAINING = "Close to the pictures it learned from: {closeness}"


def run_score(best: float | None, last: float | None, unedited: float | None, *, is_held_out: bool) -> str:
    """Tell the PSNR of a run: the best on its held-out pairs, or else the last on what it learned from."""
    if is_held_out and best is not None:
        return f"best {better_than_nothing(best, unedited)}"
    if last is None:
        return NO_SCORE
    return better_than_nothing(last, unedited) + ("" if is_held_out else ", on training pairs")


def run_closeness(best: float | None, last: float | None, unedited: float | None, *, is_held_out: bool) -> str:
    """Say in plain words what `run_score` tells in numbers."""
    psnr = best if is_held_out and best is not None else last
    if psnr is None:
        return NO_SCORE
    how = closeness(psnr, unedited)
    return how and (CLOSE if is_held_out else CLOSE_TRAINING).format(closeness=how)
