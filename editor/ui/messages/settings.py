"""Words of the settings of a run: the advanced ones, and what becomes of pictures that are not square."""

from __future__ import annotations

from typing import NamedTuple

BAD_PRESET = "Choose a quality: {names}."

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
        "loss_weights.unchanged": Words(
            "Weight of what stays", "Higher: less haze where before and after are the same; 0: as in the paper", ""
        ),
        "loss_weights.canvas": Words("Canvas weight", "Higher: what is copied lies in its place sooner", ""),
        "output": Words(
            "Output",
            "canvas: as warp, and copied from the reference; warp: its pixels are moved and repainted; "
            "blend: repainted; residual: added to; direct: drawn anew",
            "Sec. 3.3",
        ),
        "registration": Words("Undo chance shifts", "For pairs photographed twice; auto: where there are any", ""),
        "color_map": Words("Map colors first", "auto: where a map from color to color explains the effect", ""),
        "grain": Words("Grain", "auto: laid over edits anew where the pictures after have grain", ""),
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
