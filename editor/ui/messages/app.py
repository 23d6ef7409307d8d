"""Words around the tabs: the header, the first launch, the public app, and the terminal."""

from __future__ import annotations

from editor.ui.messages.train import when

PRODUCT = "Pairbrush"
TAGLINE = "Your own image editor, learned from a few before/after pairs."

# The terminal.
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

# The header: the effect.
EFFECT = "Effect"
NEW_EFFECT = "New effect"
CREATE_EFFECT = "Create"
NEW_EFFECT_HINT = "New effect: its name"
ORPHANS = "Runs without an effect"

# The header: the switch.
MODE = "How much to show"
MODES = {
    "simple": ("Simple", "Plain words: all that it takes to train and edit"),
    "expert": ("Expert", "Scores, curves and every setting, too"),
}

# The header: what to do next.
NEXT = "Next"
NEXT_ADD_PAIRS = "Add before/after pairs of what you want to teach: about 20 work well."
NEXT_MORE_PAIRS = "Add a few more pairs. Training needs at least two, and about 20 work well."
# Each: the present state, and the instruction, which is shown only on the tab where it can be followed.
NEXT_TRAIN = ("Your pairs are ready.", "Choose how long to learn, and press Start.")
NEXT_BEGINS = ("Learning begins.", "The first pictures appear below in a moment.")
NEXT_WATCH = ("Learning.", "Watch the pictures below get closer, and stop when you like them.")
NEXT_OTHER = ("{name} is learning now.", "Press “Show it” to watch it.")
NEXT_RESUME = ("Your training is paused.", "Here, press Resume to go on.")
NEXT_LEARN_MORE = ("Your editor changes hardly anything yet.", "Give it more time: press Continue, or start anew.")
NEXT_EDIT = ("Your editor is ready.", "Now drop a photo, or click an example.")
GO_TO = "Go to {tab}"

# The tabs.
TABS = {"pairs": "1 Pairs", "train": "2 Train", "inspect": "3 Inspect", "edit": "4 Edit", "share": "5 Share"}

# At the first launch: a word of the tab that a step opens, its title and what to do there.
WELCOME = "Three steps to your own editor"
WELCOME_STEPS = (
    ("Edit", "Try one now", "Three editors are ready. Click an example, or drop a picture of yours."),
    ("Pairs", "Bring your own", "Drop about 20 pictures before and after your edit. They become your effect."),
    ("Train", "Teach it", "Press Start. A few minutes later Edit knows your effect."),
)
READY_EFFECTS = {  # by `samples.catalog`
    "party": ("Party hat and sunglasses", "Something added. Learned from 28 pairs of drawn faces."),
    "ink": ("Ink drawing", "Lines and washes instead of colors. Learned from 21 pairs."),
    "film": ("Faded film", "The look of a photographer. Learned from 21 pairs of landscapes."),
}
READY_BEFORE = "{name}: a picture that was not learned from"
READY_AFTER = "{name}: what the editor makes of it"
READY_WIPE = "{name}: before and after"
READY_TRY = "Try it"

# The public app.
NEXT_IN_LINE = "{name} is {position} in line, and begins by itself {when}."
NEXT_QUEUED = "You are {position} in line. Your training begins {when}; you may close the page."
PUBLIC_LIMITS = (
    "Public app: only you see your pictures, and they are deleted after {hours:g} hours without a visit. Up to {pairs} "
    "pairs an effect, {runs} runs, {minutes:g} minutes each."
)
KEPT_NOWHERE = " **When this Space restarts, everything is gone:** download what you want to keep."


def in_line(position: int, seconds: float, run: str = "") -> str:
    """Say at which place of the queue a training waits: the reader's own or, given a name, that of another run."""
    ordinal = ("first", "second", "third", "fourth", "fifth")
    place = ordinal[position - 1] if position <= len(ordinal) else f"number {position}"
    return (NEXT_IN_LINE if run else NEXT_QUEUED).format(name=run, position=place, when=when(seconds))


# For programs.
API = (
    "Edit one picture with what was learned last of an effect. `image` is a picture file of any size, `effect` the "
    "name of an effect or of one run. Returns the edit at full size as a PNG file."
)
API_NO_FILE = "image: send a file, in Python as gradio_client.handle_file(path)."
API_NO_EFFECT = "effect: nothing called {effect} has learned anything here. There is: {names}."
API_NONE = "nothing yet"
