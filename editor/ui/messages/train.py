"""Words of the Train tab: starting, steering and forecasting a run, and its state."""

from __future__ import annotations

import math
from datetime import datetime

from editor.config import Budget
from editor.training.history import PreviewPoint
from editor.training.trend import Trend
from editor.ui.messages.common import clock, count, rounded

# The form and the buttons.
LEARN = "Learn"
TIME = "Time"
QUALITY = "Quality"
QUALITY_CHOICE = "{title}, {size} px"
QUALITY_HINT = "{choice}: {hint}"
ADVANCED = "Advanced"
RESET = "Reset"
SETTINGS_OF_RUN = "Settings of this run"
SHOW_ACTIVE = "Show it"
STOP_OTHER = "Stop it"
ORPHANS = (
    "The effects of these runs were deleted, or they were started at the command line. You can go on with them, look "
    "into them, edit with them and delete them."
)
PREVIEW_NOW = "Preview now"
SAVE_NOW = "Save now"
PRESET_LABELS = {
    "draft": ("Draft", "quick, made for any computer"),
    "standard": ("Standard", "sharper, better with a graphics card"),
    "fine": ("Fine", "the sharpest, needs a graphics card"),
}

# The run that is shown.
NO_RUN = "No run yet. Choose how long to train and press Start; the first preview comes within seconds."
STATE_HELP = {
    "waiting": "Reading the pairs and doing the first steps. The first picture comes within seconds.",
    "pausing": "It pauses after the step it is in, and saves everything.",
    "paused": (
        "The clock stands still, and everything is saved. Resume goes on from exactly here. A training that is started "
        "meanwhile goes first: then this one stops, and Continue goes on with it."
    ),
    "queued": "It keeps the settings and pairs that it was started with, and begins by itself.",
    "stopping": "It stops after the step it is in, and saves everything.",
    "shared": (
        "It edits, and it cannot learn more: the pairs that it was learned from stayed with whoever made it. Add pairs "
        "of your own in step 1 to train another run."
    ),
    "rented": (
        "It learns on a rented machine, so it cannot be trained here until it is home. Step 5 says what that costs, "
        "and stops it."
    ),
}
PROGRESS = "Training"
RUN_FACTS = {
    "step": "Step",
    "elapsed": "Elapsed",
    "left": "Left",
    "speed": "Speed",
    "close": "Close to your pictures after",
    "close_training": "Close to the pictures it learned from",
    "held_out": "Held-out {score}",
    "training_pairs": "Training pairs: {score}",
    "used": "Used for editing",
    "saved": "Saved",
    "device": "Device",
    "size": "Takes",
}
BEING_DONE = {"preview": "Making a preview…", "save": "Saving…"}
ASKED = {"preview": "Making a preview after this step.", "save": "Saving after this step."}
INTERRUPTED = "The program ended while this run was learning. Continue goes on from what was saved last."
COLOR_MAP = (
    "A map from color to color explains {share:.0%} of this effect, so it is applied first. With it go the brightness "
    "of each place, as in a vignette, and the photo's own black and white, where these matter."
)
DETAIL = (
    "This effect changes fine detail all over the picture, so a filter for that is learned first, in half of the time, "
    "from the pictures at their full size."
)
GRAIN = (
    "The pictures after have grain, by {typical:.1f} of 255 levels. It is chance, so it is not learned: edits get some "
    "of their own. Previews are without it."
)
CHANCE_SHIFT = (
    "The two pictures of these pairs are shifted against each other by chance, by about {pixels:.1f} px of "
    "the model. While learning, each picture after is moved onto the one before; your files stay as they are."
)
CHANCE_SHIFT_PLAIN = (
    "The two pictures of these pairs are shifted against each other by chance, by a small step. While learning, each "
    "picture after is moved onto the one before; your files stay as they are."
)

# A word when a run ends while nobody looks at the page.
DONE = {"finished": "{name} is done", "failed": "{name} failed"}
TELL_ME = "Tell me when it is done"
TELL_ME_HELP = "With a notification of this browser, while you look at something else"

# Buttons whose words change, and other runs.
PAUSE, RESUME = "Pause", "Resume"
FOCUS_MOVED = "The training is on its way. From here it can be stopped and steered."
TIME_INFO = "It makes the best of the time that it gets."
QUICK_MINUTES = "{} min"
MINUTES_LABEL = "or so many minutes"
MEASURE = "What will that take?"
MEASURING = "Learning a few steps, to see how long they take…"
STARTING = "Copying the pairs and starting…"
START_PLAIN = "Start training"
START = "Start: {time}, {preset} {size} px"
CONTINUE_LEFT = "Continue: {left} left"
CONTINUE_MORE = "Continue: {time} more"
START_THIS = "Start this run: {time}"
OTHER_ACTIVE = "{name} is learning now: {share:.0%}, {left} left."
OTHER_PAUSED = "{name} is paused at {share:.0%}, {left} left."
OTHER_STARTS = "{name} is getting ready now."
OTHER_QUEUED = "{name} waits in line."
OTHER_EFFECT = "It learns the effect {name}."

# The line of runs that wait.
QUEUE = "Waiting in line"
QUEUE_HELP = "The next one begins by itself when a training ends, fails, is stopped or paused. After a restart, too."
QUEUE_ABOUT = "{settings}, {time}"
QUEUE_SHOW = "Show {name}"
QUEUE_ACTIONS = {
    "up": ("↑", "Let {name} begin earlier"),
    "down": ("↓", "Let {name} begin later"),
    "cancel": ("Cancel", "Take {name} out of the line"),
}
BEGINS = "begins {when}"

# What a training would take.
FORECAST_NO_ROOM = "There is not enough memory"
FORECAST_TITLE = "About {steps} in {time}"
FORECAST_TITLE_PLAIN = "What {time} will do"
FORECAST = "{seconds} a step{memory}; the first picture in which you can see the edit after about {useful}."
FORECAST_PLAIN = "The first picture in which you can see the edit comes after about {useful}."
FORECAST_MEMORY = ", {memory} of memory"
FORECAST_ROOM = "That needs {memory} of memory, and there is room for {room}."
FORECAST_BATCH = "{problem} So it learns from {batch} pictures at a time instead of {wanted}, which fits."
FORECAST_NOTHING_FITS = "{problem} Choose a smaller picture size, or the quality {preset}."
FORECAST_CLOSE = "{problem} Close other programs, and measure again."
FORECAST_SHORT = "Too short to see much. Give it more time."
FORECAST_BUSY = "Another program keeps this machine busy. Alone, this training would be faster."
FORECAST_QUICKER = "Or choose a quicker quality."
FORECAST_VERDICTS = (  # up to so many steps
    (100, FORECAST_SHORT),
    (300, "Enough to see whether it works; twice the time makes it clearly better."),
    (1200, "Enough for a good edit."),
    (math.inf, "More than most edits need. Watch the advice while it learns, and stop when it says so."),
)


def later(label: str) -> str:
    """Return what a button says that does the same as another one, but later: "Start later: 3 minutes"."""
    action, colon, rest = label.partition(":")
    return f"{action} later{colon}{rest}"


def when(seconds: float) -> str:
    """Return about how long it takes until a training begins: "in a moment", "in about 3 minutes"."""
    return "in a moment" if seconds < 30 else f"in about {count(max(round(seconds / 60), 1), 'minute')}"


def begins(seconds: float) -> str:
    """Say when a run that waits begins."""
    return BEGINS.format(when=when(seconds))


def budget(left: Budget) -> str:
    """Return what is left to do: "2:10" or "120 steps"."""
    return count(left.steps, "step") if left.minutes is None else clock(60 * left.minutes)


def about_seconds(seconds: float) -> str:
    """Return a time that is not known exactly: "0.4 s", "40 s", "3 min"."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    return f"{round(seconds, -1):.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def step_of(step: int, expected: float) -> str:
    """Return how far a run is, in steps."""
    return f"{step:,} of about {max(rounded(expected), step):,}"


def speed(steps_per_second: float) -> str:
    """Return the speed in the unit in which it is a number that can be read."""
    if 0 < steps_per_second < 0.5:
        return f"{1 / steps_per_second:.1f} s a step"
    return f"{steps_per_second:.1f} steps/s"


def saved(step: int, when: datetime) -> str:
    """Say what was saved last."""
    return f"step {step:,}, {when:%H:%M}"


def moment(preview: PreviewPoint) -> str:
    """Name a preview by its score and step."""
    return f"{preview.psnr:.1f} dB, step {preview.step:,}"


def judgement(found: Trend) -> str:
    """Say whether it is worth waiting; nothing while it is too early."""
    if found.kind == "improving":
        return "Still getting better: it is worth waiting."
    if found.kind == "flat":
        return (
            f"The score has gained nothing for {clock(found.seconds)}. If the previews no longer get better "
            "to your eye either, stop now."
        )
    if found.kind == "overfitting":
        return (
            f"For the last {clock(found.seconds)} it has only learned the pairs by heart: stop now, "
            "and add pairs if you can. Editing uses weights from before that."
        )
    return ""
