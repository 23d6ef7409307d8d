"""Words of the Share tab."""

from __future__ import annotations

from typing import NamedTuple


class CardWords(NamedTuple):
    """What a card says of one thing that can be made of a run.

    Attributes:
        title: What it is.
        text: What it is good for.
        reveals: What somebody who gets it can see.
        impossible: Why there may be none; empty where every run can become one anywhere.
        does: What its button says.
    """

    title: str
    text: str
    reveals: str
    impossible: str = ""
    does: str = "Download"


NO_RUN_TO_SHARE = "Train an effect first: in step 2, press Start. Then it can go to other people from here."
CUBE_HOLDS = "{explained:.0%} of what the effect does"
CUBE_HOLDS_COLORS = "the colors of the effect, but not how bright it makes places such as the edges or the sky"
CUBE_HAS_NO_GRAIN = "; grain is not in it"
NEEDS_ONNX = (
    "It takes two packages that are not installed here. In the folder of Pairbrush, run “.venv/bin/pip install onnx "
    "onnxscript” (on Windows “.venv\\Scripts\\pip”), then start Pairbrush again."
)
SIZE = "About {size}"
REVEALS = "What it reveals"
DOES_LABEL = "{does}: {title}"
MAKING = "Making it: {title}…"

OPEN = "Open an effect file"
OPEN_HELP = "A file that ends in .pairbrush, from somebody else or from another computer. Drop it anywhere on the page."
CHOOSE_FILE = "Choose the file"
OPENING = "Opening the effect…"

OPEN_HUB = "Or one from the Hugging Face Hub"
OPEN_HUB_HELP = "user/effect, or user/effect@revision for one version of it. Nobody checks what others put there."
OPEN_HUB_DO = "Fetch it"
FETCHING = "Fetching the effect from the Hub…"

GOES_ALONG = "What goes along"
PAIRS = "Pairs, with their photographs"
PAIRS_HELP = "None, unless you choose some. Others see them as examples, under other names."
LICENSE = "License"
LICENSE_HELP = "What others may do with the effect. It is written on the card in the file."
LICENSES = {
    "": "None named",
    "cc0-1.0": "CC0: anything",
    "cc-by-4.0": "CC BY 4.0: anything, naming you",
    "cc-by-nc-4.0": "CC BY-NC 4.0: nothing commercial, naming you",
}

FILES = {  # by the ending of the file's name
    ".pairbrush": CardWords(
        "Effect file (.pairbrush)",
        "The effect in one file, for everybody who has Pairbrush: they drop it on the page, and it edits at once.",
        "No photograph. Where edits paste what your pictures after add, such as a hat, that is in it, cut out. Your "
        "effect's name is in it, and the names of your files are not.",
    ),
    ".html": CardWords(
        "A web page that edits (.html)",
        "One file for everybody: a double click opens it in a browser, where it edits photos at their full size. "
        "It needs no installation and no connection, and photos stay on the computer that they are on. As the "
        "index.html of a static Space on Hugging Face, which costs nothing, it is on the web for everybody.",
        "What the network has learned and the names of effect and run. No photograph, but where edits paste what your "
        "pictures after add, such as a hat, that is in it, cut out.",
        NEEDS_ONNX,
    ),
    ".cube": CardWords(
        "Color table (.cube)",
        "The colors of the effect for photo and film programs: Photoshop, Lightroom, DaVinci Resolve and many others "
        "read it. It holds {held}.",
        "Colors only, no picture.",
        "This effect is no map from color to color that is the same for all photos, so a color table cannot hold it.",
    ),
    ".zip": CardWords(
        "For other programs (ONNX, .zip)",
        "The network for any ONNX runtime, a description of all its numbers, and a short script that edits with it. "
        "Unpacked in the folder custom_nodes of ComfyUI, it is a node there.",
        "What the network has learned and the names of effect and run. No photograph, but where edits paste what your "
        "pictures after add, such as a hat, that is in it, cut out.",
        NEEDS_ONNX,
    ),
}

HUB = CardWords(
    "The Hugging Face Hub",
    "The effect gets a page of its own at huggingface.co, with a card that says how to use it. Pairbrush and scripts "
    "fetch it by its name. Only you can see it, unless you choose otherwise below.",
    "What the effect file reveals, and your account. Pictures only if you choose some. Earlier versions stay in its "
    "history.",
    does="Push",
)
HUB_CHOICES = "Name, who may see it, license"
HUB_NAME = "Name"
HUB_NAME_HELP = "hat, or user/hat. Left empty, it is called as the effect."
HUB_SEEN = "Who may see it"
SEEN_BY = {"private": "Only me", "public": "Everybody"}
HUB_SAMPLES = "Pictures on its page"
HUB_SAMPLES_HELP = "None, unless you choose some: each pair's picture before, and its edit."
PUSHING = "Making the effect and sending it to the Hub. That takes about a minute…"
HUB_DONE_PRIVATE = "It is there, and only you can see it:"
HUB_DONE_PUBLIC = "It is there, and everybody can see it:"
HUB_VERSION = "This version:"
HUB_NO_LOGIN = (
    "This computer is not logged in at huggingface.co. In a terminal, run “hf auth login” (in the folder of Pairbrush: "
    ".venv/bin/hf auth login) with a token that may write; this card notices by itself. Pairbrush uses that login only "
    "when you press the button, and stores it nowhere."
)
HUB_NOT_HERE = (
    "Others can reach this app too, so it sends nothing in the name of the one who runs it. Download the effect file, "
    "open it in a Pairbrush of your own, and push it from there."
)
LOG_IN = "Log in at Hugging Face"
LOG_OUT = "Log out ({})"
LOG_IN_HELP = (
    "The login lets this page make repositories for you and see those that it has made, for an hour, and nothing else. "
    "It stays in your browser and is used when you press Push or fetch an effect of yours."
)

RENT_LOST = (
    "This run was sent to a rented machine, which cannot be found any more: {problem} Look at Jobs on huggingface.co "
    "whether it still runs, and stop it there."
)
RENT = "A rented machine (Hugging Face Jobs)"
RENT_TEXT = (
    "Train on a machine with a graphics card, paid by the minute by your account at huggingface.co. What it costs is "
    "shown before anything is sent. It goes on when this computer is off; step 2 shows it live, and the run comes home."
)
RENT_REVEALS = (
    "The run's pairs, at the model's size, go into a private folder of your account. They are deleted there when the "
    "run is home, unless you choose to leave them."
)
RENT_WHAT = "What to train"
RENT_NEW = "A new run: {title}, {size} px"
RENT_CONTINUE = "Go on with the run above"
RENT_MINUTES = "Minutes to train"
RENT_KEEP = "Leave the copy in that folder when the run is home"
RENT_ASK = "What does that cost?"
RENT_ASKING = "Asking for the prices…"
RENT_MACHINE = "Machine"
RENT_MACHINE_HELP = (
    "Paid from its start to its end. It is stopped ten minutes after the time to train at the latest: that is the most "
    "it can cost."
)
RENT_PRICE = "{name}: ${minute:.4f} a minute, at most ${most:.2f} ({about})"
RENT_NO_MACHINE = "Choose a machine first."
RENT_START = "Start, and pay for it"
RENT_STARTING = "Sending the pairs and starting the machine…"
RENT_AWAY = (
    "This run learns on {machine} since {since}. It takes some minutes before it says something. Until it is home, it "
    "cannot be trained here, renamed or deleted."
)
RENT_COSTS = "About ${cost:.2f} until now and at most ${most:.2f}, for it is stopped at {ends} at the latest."
RENT_PROBLEM = "It cannot be followed right now, and goes on meanwhile: {problem}"
RENT_STOP = "Stop the machine"
RENT_STOP_SURE = "Stop it? The last preview comes home"
RENT_STOPPING = "Stopping the machine…"
