"""Every word that the pages say themselves: sentences, labels and what a screen reader says, ready for translation.

Plain words; what to do next comes last. No other module of the pages and no script has words of its own, which
`tests/ui/test_messages.py` sees to: a translation changes this file only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from editor.config import Budget, FitMode
from editor.training.history import PreviewPoint
from editor.training.trend import Trend
from editor.workspace import ColorRange, Hardest, InspectionFacts, PairMatrix, Reading

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
    "--auth user:password, or in the environment variable PAIRBRUSH_AUTH, which other users of this machine cannot "
    "see; or give every visitor a workspace of their own with --public."
)
BAD_AUTH = "The account must look like user:password, with a password of at least {count} characters."
PUBLIC = "Every visitor has a workspace of their own: what they bring is deleted after {hours:g} hours without a visit."
NO_SHARE_ON_SPACE = "A Space has a public address already. Leave --share out."

# What to do next, in the header.
NEXT_ADD_PAIRS = "Add before/after pairs of what you want to teach: about 20 work well."
NEXT_MORE_PAIRS = "Add a few more pairs. Training needs at least two, and about 20 work well."
NEXT_TRAIN = "Your pairs are ready. Go to Train and press Start."
NEXT_WATCH = "Learning. Watch the previews in Train, or look inside in Inspect."
NEXT_RESUME = "Your training is paused. Go to Train and press Resume."
NEXT_EDIT = "Your editor is ready. Go to Edit and drop a photo."

# The page around the tabs.
TABS = {"pairs": "1 Pairs", "train": "2 Train", "inspect": "3 Inspect", "edit": "4 Edit"}
NEXT = "Next"

# At the first launch: a word of the tab that a step opens, its title and what to do there.
WELCOME = "Three steps to your own editor"
WELCOME_STEPS = (
    ("Edit", "Try it now", "An editor that has learned a party hat and sunglasses is ready. Click an example."),
    ("Pairs", "Bring your own", "Make an effect and drop about 20 pictures before and after your edit."),
    ("Train", "Teach it", "Press Start. A few minutes later Edit knows your effect."),
)
RUN = "Run"  # on the lists of runs
NEXT_QUEUED = "You are {position} in line. Your training begins {when}; you may close the page."
PUBLIC_LIMITS = (
    "Public app: only you see your pictures, and they are deleted after {hours:g} hours without a visit. Up to {pairs} "
    "pairs an effect, {runs} runs, {minutes:g} minutes each."
)
NO_COOKIE = (
    "This browser keeps no cookies for this page, so your pictures could not be told from those of others. Allow "
    "cookies, or open the app in a tab of its own."
)

# Both sides of a pair, wherever its pictures are described.
SIDE_ALT = {"before": "{name} before", "after": "{name} after"}
EDITED_ALT = "{name} edited"

# Pairs.
EFFECT = "Effect"
NEW_EFFECT = "New effect"
CREATE_EFFECT = "Create"
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
TOO_MANY_FILES = (
    "These are {total:,} files, and at most {limit:,} can come at once. Drop fewer, or one zip file with all of them."
)
UNREADABLE = "Your browser could not read {count} of what you dropped."
UPLOADING = "Uploading {number} of {total}"  # for assets/folder_drop.js
COMING = "…"
NOT_SHOWN = "Cannot be read"

# Pairs: what was dropped, before it is stored.
PLAN_LABEL = "What was dropped"
PLAN_GUESS = "This is a guess. Look whether before and after are right, and correct it where they are not."
PLAN_WAITING = "Nothing is stored yet."
PLAN_HELP = "To pair two pictures otherwise, click the one before, then the one after."
PLAN_GONE = "These files no longer wait to be added. Drop them again."
SWAP_ALL = "Swap before and after in all"
SWAP_ONE = "Swap"
TAKE_APART = "Take apart"
TAKE_APART_LABEL = "Take {name} apart"
ADD_PLANNED = "Add {pairs}"
MAKE_PAIR = "Make these two a pair"
CANCEL_CHOICE = "Cancel"
HALVES = {"left": "left half", "right": "right half", "top": "top half", "bottom": "bottom half"}
PLAN_WORDS = {  # for assets/plan_view.js, which fills in the {places}
    "before": "Before",
    "after": "After",
    "one": "Before: {before}. Now click the picture after.",
    "two": "{before} before, {after} after",
}
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
FLIP_LABEL = "Flip {name} between before and after"
FLIP_HELP = "Point at the picture before, or press Space, to see the picture after in its place"
FIXES = {"align": "Align", "swap": "Swap sides", "remove": "Remove"}
FIX_LABEL = "{fix} {name}"
ALIGNED = "Aligned"
ALIGNED_HELP = "Both sides were cropped to what they share."
UNALIGN = "Undo"
UNALIGN_LABEL = "Undo the alignment of {name}"
SHOW_DIFFERENCE = "Show the difference of {name}"
SWAP_LABEL = "Swap the sides of {name}"
REMOVE_LABEL = "Remove pair {name}"
RENAME_LABEL = "Rename pair {name}"
RENAME_HELP = "{name}: click to rename"
HOLD_OUT, IS_HELD_OUT = "Hold out", "Held out"
BOTH_SIZES = " and "  # between two sizes
PAGES = "Pages of pairs"
PREVIOUS, NEXT_PAGE = "Previous", "Next"
LIST_WORDS = {"new_name": "New name"}  # for assets/actions.js
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
EFFECT_ACTIONS = {  # what a button says, and what it says to a screen reader
    "rename": ("Rename", "Rename the effect {name}"),
    "duplicate": ("Duplicate", "Duplicate the effect {name}"),
    "delete": ("Delete", "Delete the effect {name}"),
}
OPEN_EFFECT = "Open the effect {name}"
TRASH_TITLE = "Trash"
RESTORE, RESTORE_LABEL = "Restore", "Restore {name}"
TRASHED_AS = "{name} ({kind})"
TRASH_EMPTY = "The trash is empty."
TRASH_HELP = "What you delete stays here, and takes space, until you empty the trash."
EMPTY_TRASH = "Empty the trash"
EMPTY_SURE = "Delete {size} for good? Click again"
TRASH_KINDS = {"effect": "effect", "run": "run"}

# Train.
LEARN = "Learn"
TIME = "Time"
QUALITY = "Quality"
QUALITY_CHOICE = "{title}, {size} px"
QUALITY_HINT = "{choice}: {hint}"
ADVANCED = "Advanced"
RESET = "Reset"
SETTINGS_OF_RUN = "Settings of this run"
CONTINUE = "Continue"
SHOW_ACTIVE = "Show it"
STOP = "Stop"
PREVIEW_NOW = "Preview now"
SAVE_NOW = "Save now"
PRESET_LABELS = {
    "draft": ("Draft", "quick, made for any computer"),
    "standard": ("Standard", "sharper, better with a graphics card"),
    "fine": ("Fine", "the sharpest, needs a graphics card"),
}
NO_RUN = "No run yet. Choose how long to train and press Start; the first preview comes within seconds."
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
}
STATE_HELP = {
    "waiting": "Reading the pairs and doing the first steps. The first picture comes within seconds.",
    "pausing": "It pauses after the step it is in, and saves everything.",
    "paused": "The clock stands still, and everything is saved. Resume goes on from exactly here.",
    "stopping": "It stops after the step it is in, and saves everything.",
}
PROGRESS = "Training"
RUN_FACTS = {
    "step": "Step",
    "elapsed": "Elapsed",
    "left": "Left",
    "speed": "Speed",
    "held_out": "Held-out {score}",
    "training_pairs": "Training pairs: {score}",
    "used": "Used for editing",
    "saved": "Saved",
    "device": "Device",
}
ASKED = {"preview": "Making a preview after this step.", "save": "Saving after this step."}
INTERRUPTED = "The program ended while this run was learning. Continue goes on from what was saved last."
CHANCE_SHIFT = (
    "The two pictures of these pairs are shifted against each other by chance, by about {pixels:.1f} px of "
    "the model. While learning, each picture after is moved onto the one before; your files stay as they are."
)

# Train, the charts.
PSNR, SSIM = "PSNR", "SSIM"
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
MOMENT_FACTS = ("Step", "Time", PSNR, SSIM)
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
FORMATS = {"gif": "GIF, plays anywhere", "webp": "WebP, smaller and finer", "mp4": "MP4, a film"}
MAKE_ANIMATION = "Make animation"
SAVE_ANIMATION = "Save {format}, {size}"
PREVIEW_CAPTIONS = {"before": "Before", "edited": "Edited", "truth": "Truth"}
TIMELINE_WORDS = {  # for assets/timeline.js and assets/compare.js, which fill in the {places}
    "held_out": "Held-out pairs, never learned from",
    "training_pairs": "Training pairs (none is held out)",
    "moment": "Step {step}, {time}, {psnr}",
    "gain": "{psnr}, {gain} over no edit",
    "best": "{psnr}, step {step}",
    "pair": "Pair {name}",
    "before": SIDE_ALT["before"],
    "edited": "{name} edited after step {step}",
    "truth": "{name} after, the truth",
    "label": "{run}, step {step}, {psnr}",
    "compared": "{name} edited by {label}",
    "nothing_to_compare": NOTHING_TO_COMPARE,
    "no_common_picture": "These two runs were previewed on different pictures, so they cannot be compared like this.",
}

# Train, the runs.
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
RUN_WORDS = {  # for assets/run_cards.js, which fills in the {places}
    "show": "Show {name}",
    "start": "Start",
    "continue": CONTINUE,
    "button": "{action} {name}",
}
UNDO_DELETE_RUN = "Undo: bring {name} back"
TOO_MANY_COMPARED = "At most {count} runs fit into one chart. Untick some."
NO_SCORE = "no preview yet"

BAD_PRESET = "Choose a quality: {names}."
BAD_SEED = "The seed must be a whole number from 0 to {limit}."
CHOOSE_RUN = "Choose a run first, or start one."
PAUSE, RESUME = "Pause", "Resume"
HANDED_OVER = "The training is on its way. From here it can be stopped and steered."
TIME_INFO = "It makes the best of the time that it gets."
QUICK_MINUTES = "{} min"
MINUTES_LABEL = "or so many minutes"
MEASURE = "What will that take?"
START_PLAIN = "Start training"
START = "Start: {time}, {preset} {size} px"
CONTINUE_LEFT = "Continue: {left} left"
CONTINUE_MORE = "Continue: {time} more"
START_THIS = "Start this run: {time}"
OTHER_ACTIVE = "{name} is learning now: {share:.0%}, {left} left."
OTHER_PAUSED = "{name} is paused at {share:.0%}, {left} left."
OTHER_STARTS = "{name} is getting ready now."
OTHER_QUEUED = "{name} waits in line."
FORECAST_NO_ROOM = "There is not enough memory"
FORECAST_TITLE = "About {steps} in {time}"
FORECAST = "{seconds} a step{memory}; the first picture in which you can see the edit after about {useful}."
FORECAST_MEMORY = ", {memory} of memory"
FORECAST_ROOM = "That needs {memory} of memory, and there is room for {room}."
FORECAST_BATCH = "{problem} So the batch size is now {batch} instead of {wanted}, which fits."
FORECAST_NOTHING_FITS = "{problem} Choose a smaller picture size, or the quality {preset}."
FORECAST_CLOSE = "{problem} Close other programs, and measure again."
FORECAST_VERDICTS = (  # up to so many steps
    (100, "Too short to see much. Give it more time, or choose a quicker quality."),
    (300, "Enough to see whether it works; twice the time makes it clearly better."),
    (1200, "Enough for a good edit."),
    (math.inf, "More than most edits need. Watch the advice while it learns, and stop when it says so."),
)

# What becomes of pictures that are not square.
FIT_CHOICES = {"whole": "Whole, with mirrored margins", "crop": "Only the middle square"}
FIT_HELP = {
    "whole": "It sees everything, but smaller: margins that mirror the picture make it square.",
    "crop": (
        "It sees the middle larger, and learns nothing from what is cut off. Photos are still edited to their edges, "
        "square by square."
    ),
}
FIT_ALL_SQUARE = "All pairs are square. Photos that are not are edited square by square, to their edges."
FIT_PREVIEW = "Pairs as the model would see them"
FIT_ALT = "{picture}, as the model would see it"

# Advanced settings, see `components.settings_form`.
SETTINGS_HELP = "A quality sets all of these. Sections are those of the paper."
UNCHANGED = "All as in {preset}."
CHANGED = "Custom: {changes}."
DIFFERENCE = "{label} {now} (was {was})"
ON_OFF = {True: "on", False: "off"}
KINDS = {int: "a whole number", float: "a number", bool: "on or off"}
RANGE = " from {:g} to {:g}"
BAD_SETTING = "{label} must be {kind}{range}."
OTHER_SETTINGS = (
    "This run was made with a network that this page does not offer. Start one like it from the command line, with its "
    "config.json."
)


class Words(NamedTuple):
    """What the page says about one setting."""

    label: str
    help: str
    source: str  # where the paper speaks of it, if it does


FIT = Words("Pictures that are not square", "The model learns from squares", "")
SETTINGS = {  # by group, then by name in the config
    "Basics": {
        "seed": Words("Seed", "Decides the first weights and every draw; the same seed repeats a run", ""),
        "image_size": Words(
            "Picture size", "Side in pixels of what the model sees; twice is four times slower", "Sec. 4"
        ),
        "optimizer.batch_size": Words("Batch size", "Pictures per step; fewer take less memory", ""),
        "optimizer.learning_rate": Words("Learning rate", "How far a step goes; lower if losses jump", ""),
    },
    "The paper's switches": {
        "group_size": Words(
            "Group size n", "n - 1 reference pairs at once show what to do; more are slower", "Sec. 3.1"
        ),
        "one_to_one": Words(
            "One to one", "Each pair by itself, not from one pair to another; overfits", "Sec. 5.1, Table 2"
        ),
        "use_x_j": Words(
            "See x_j", "The picture to edit is an input; off needs the output “direct”", "Sec. 5.2, Table 2"
        ),
        "use_transform": Words(
            "See [F, C]", "Flow and color say how one picture becomes the other", "Sec. 5.2, Table 2"
        ),
        "use_skips": Words("Skip connections", "Fine detail of the picture goes past the bottleneck", "Sec. 5.3"),
        "use_noise": Words("Adaptive noise", "Something for the decoder to make texture from", "Sec. 5.3"),
        "loss_weights.frequency": Words("Frequency weight", "Of the frequency loss; 0 is without it", "Sec. 5.3"),
        "loss_weights.edges": Words("Edge weight", "Higher: crisper lines; 0: as in the paper", ""),
        "output": Words(
            "Output",
            "warp: its pixels are moved and repainted; blend: repainted; residual: added to; direct: drawn anew",
            "Sec. 3.3",
        ),
        "registration": Words("Undo chance shifts", "For pairs photographed twice; auto: where there are any", ""),
        "crispen": Words("Crispen edits", "As much fine detail as the pairs have; off: as the network paints", ""),
    },
    "Variation of the pairs": {
        "augment.flip": Words("Mirroring", "How often, 0 to 1; 0 for one-sided edits", "Sec. 3.3"),
        "augment.degrees": Words("Rotation", "Up to so many degrees", "Sec. 3.3"),
        "augment.translate": Words("Shift", "Up to this share of the side", "Sec. 3.3"),
        "augment.scale": Words("Zoom", "Up to this share", "Sec. 3.3"),
        "augment.shear": Words("Shear", "Up to so many degrees", "Sec. 3.3"),
        "augment.brightness": Words("Brightness", "Up to this share", "Sec. 3.3"),
        "augment.contrast": Words("Contrast", "Up to this share", "Sec. 3.3"),
        "augment.saturation": Words("Saturation", "Up to this share", "Sec. 3.3"),
        "augment.hue": Words("Hue", "Up to this share of the color circle", "Sec. 3.3"),
    },
}

# Inspect.
NO_RUN_TO_INSPECT = "Nothing to look into yet. Start a run in Train; this page fills with its first preview."
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

# Inspect, the pictures.
INSPECT_SECTIONS = {  # title and text of each row
    "given": (
        "What it is given",
        "The reference pair i, before and after, and another picture to edit in the same way.",
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
    "mix": (
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
    "y_j_hat": ("ŷ_j: the edit", "Edit of the source of pair j"),
    "y_j": ("y_j: the truth", "Target picture of pair j"),
    "y_error": ("error of ŷ_j", "Heat map of the error of the edit"),
    "steps": ("ŷ_j after each sampling step", "The edit after each sampling step, from left to right"),
}
LEGEND_ALT = "Legend of {label}"

# Inspect, the matrix.
MATRIX_TITLE = "All pairs at a glance"
MATRIX_HELP = (
    "Every pair once as the reference i and once as the pair j to predict. A column that is worse than the rest is a "
    "pair that does not fit in with the others."
)
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

# Edit.
NO_PHOTO_YET = "Drop a photo on the left, or click one of the examples there. The edit appears here a moment later."
NO_RUN_TO_EDIT = "There is no editor yet. Start a run in Train; you can edit as soon as its first preview is there."
NO_WEIGHTS = "This run has learned nothing yet. Wait for its first preview, or choose another run."
NO_PHOTO = "Choose a photo first: drop one on the left."
EDIT_AGAIN = "Edit again"
REMOVE_ALL = "Remove all"
REFERENCE_AND_SEED = "Reference and seed"
EDIT_SEED = "Seed"
SEED_TAKE = "Seed {seed}"
SHOW_SEEDS = "Show 4 seeds side by side"
COMPARE_AND_FOLLOW = "Compare and follow runs"
NEWEST_WEIGHTS = "Newest weights"
RUNS_TO_COMPARE = "Runs to compare"
COMPARE_HERE = "Compare on this photo"
SAVE_AS = "Save as"
DOWNLOAD = "Download"
DOWNLOAD_ALL = "Download all (zip)"
MAKE_IT_A_PAIR = "Make it a pair"
ADD_AS_PAIR = "Add as a pair"
WARM_MINUTES = "Minutes"
CONTINUE_WARM = "Continue training"
PHOTO_LABEL = "Photos: drop one or many, of any size"
NO_PHOTO_OPENED = "No photo could be opened"
TOO_MANY_PHOTOS = "At most {limit} photos fit here at once. Save these, remove them, and drop the rest."
PHOTO_GONE = "The photo that this was meant for is no longer here. Nothing was changed."
EXAMPLES = "Or try one of these, which the editor has never seen:"
TRY_EXAMPLE = "Try it on {name}"
WAITING = "waits"
REFERENCE_TITLE = "The pair that the edit goes by:"
REFERENCE_CHOICES = {"random": "Any (by the seed)", "best": "Best match", "average": "Average of five"}
BY_PAIR = "Go by pair {name}"
EDIT_SEED_INFO = "Another seed draws other noise. Where it shows, the editor is unsure."
VARIATIONS = "The same photo with four seeds. Click one to take it."
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
    "undo": "Undo correction",
    "size": "Size",
    "color": "Color",
}
VIEWER_WORDS = {  # for assets/edit_viewer.js, which fills in the {places}
    "fit_short": VIEWER["fit_short"],
    "before": SIDE_ALT["before"],
    "edited": EDITED_ALT,
    "not_sent": "What you drew did not get through and was taken back. Look whether the app still runs; draw it again.",
    "quick_look": "This is only a quick look. Retouch the edit as soon as it is there in full, in a moment.",
}
PAIR_HELP = (
    "Is an edit not quite right? Mend it with the brushes above, or download it, correct it in a program that you like "
    "and drop it here. As a pair it teaches the editor what you meant."
)
CORRECTED = "Corrected by you. Save it, or add it as a pair."
CORRECTED_LABEL = "The corrected picture, if you have one"
THEN_CONTINUE = "Continue training, and the editor learns from it within minutes, without forgetting the rest."
WARM_STARTED = "Learning goes on, with all pairs of the effect. Watch it in Train; “Newest weights” shows it here."
NO_EFFECT_OF_RUN = "The effect that this run learned is no longer there, so a pair cannot be added. Choose another run."
NOT_IN_ZIP = "These photos are not in the zip file"

# What went wrong.
ERROR_TITLE = "That did not work"
STALE_PAGE = "The page sent something that does not fit. Reload the page and try again."
FILE_TROUBLE = "A file could not be read or written ({reason}). What is stored is safe; the terminal has the details."
TOO_LARGE = "This is larger than the maximum allowed size of {limit} MB. Make it smaller, or bring it in several parts."
BROKEN_OFF = "The upload was broken off."
OTHER_SITE = "This request comes from another web site, so it was not carried out. Open the app itself."
LONG_HEADERS = "This request says too much about itself. Remove the cookies of this site and open the app again."
QUEUE_FULL = "Too much is asked of this app right now. Wait a moment, then try again."
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


def unreadable(number: int) -> str:
    """Say how much of what was dropped could not even be uploaded."""
    return UNREADABLE.format(count=count(number, "item"))


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


def learned_from(preset: str, image_size: int, fit: FitMode) -> str:
    """Return how a run sees its pairs, such as "draft 128 px, cropped"."""
    return f"{preset} {image_size} px{', cropped' if fit == 'crop' else ''}"


def clock(seconds: float) -> str:
    """Return 75 s as "1:15" and 3700 s as "1:01:40"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def duration(minutes: float) -> str:
    """Return 5 as "5 minutes" and 0.5 as "30 seconds"."""
    if minutes < 1:
        return count(max(1, round(60 * minutes)), "second")
    return "1 minute" if minutes == 1 else f"{minutes:,.4g} minutes"


def budget(left: Budget) -> str:
    """Return what is left to do: "2:10" or "120 steps"."""
    return count(left.steps, "step") if left.minutes is None else clock(60 * left.minutes)


def about_seconds(seconds: float) -> str:
    """Return a time that is not known exactly: "0.4 s", "40 s", "3 min"."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    return f"{round(seconds, -1):.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def better_than_nothing(psnr: float, unedited: float | None) -> str:
    """Return a held-out PSNR and how far it is from leaving the pictures alone."""
    return f"{psnr:.1f} dB" if unedited is None else f"{psnr:.1f} dB, {psnr - unedited:+.1f} over no edit"


def step_of(step: int, expected: float) -> str:
    """Return how far a run is, in steps."""
    return f"{step:,} of about {max(rounded(expected), step):,}"


def rounded(number: float) -> int:
    """Return a number that is not known exactly with its two leading digits: 1234 as 1200."""
    digits = len(str(round(number))) - 2
    return round(round(number), -max(digits, 0))


def speed(steps_per_second: float) -> str:
    """Return the speed in the unit in which it is a number that can be read."""
    if 0 < steps_per_second < 0.5:
        return f"{1 / steps_per_second:.1f} s a step"
    return f"{steps_per_second:.1f} steps/s"


def saved(step: int, when: datetime) -> str:
    """Say what was saved last."""
    return f"step {step:,}, {when:%H:%M}"


def run_score(best: float | None, last: float | None, unedited: float | None, *, is_held_out: bool) -> str:
    """Tell the PSNR of a run: the best on its held-out pairs, or else the last on what it learned from."""
    if is_held_out and best is not None:
        return f"best {better_than_nothing(best, unedited)}"
    if last is None:
        return NO_SCORE
    return better_than_nothing(last, unedited) + ("" if is_held_out else ", on training pairs")


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


def color_range(found: ColorRange) -> str:
    """Return where the maps of C have their full colors."""
    return f"±{100 * found.shift:g} % and {2**found.stops:.2g}x"


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


def photos_gone(names: Sequence[str]) -> str:
    """Name photos that were cleared away meanwhile."""
    is_one = len(names) == 1
    return (
        f"{_list(names)} {'is' if is_one else 'are'} no longer here: what is left alone for an hour makes room for new "
        f"photos. Drop {'it' if is_one else 'them'} again."
    )


def score(psnr: float) -> str:
    """Return a score, such as "23.4 dB"."""
    return f"{psnr:.1f} dB"


def pair_added(name: str, replaced: str | None, total: int) -> str:
    """Say that an edit became a pair, perhaps in place of another one."""
    instead = f", in place of {replaced}, which is in the trash" if replaced else ""
    return f"Added as pair {name}{instead}. The effect has {count(total, 'pair')} now."


def _list(names: Sequence[str], limit: int = 8) -> str:
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest} more" if rest > 0 else "")
