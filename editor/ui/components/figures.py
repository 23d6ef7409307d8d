"""The pictures of an inspection: what each one is, and which of them stand together."""

from __future__ import annotations

from typing import NamedTuple

import gradio as gr


class Figure(NamedTuple):
    """How one picture of an inspection is shown."""

    field: str  # of workspace.InspectionPictures
    label: str
    alt: str
    legend: str = ""  # the field of the picture that explains its colors

    @property
    def elem_id(self) -> str:
        """Id of the picture in the page."""
        return f"inspect-{self.field.replace('_', '-')}"


class Section(NamedTuple):
    """One row of pictures and what it is about."""

    name: str
    title: str
    text: str
    figures: tuple[Figure, ...]


SECTIONS = (
    Section(
        "given",
        "What it is given",
        "The reference pair i, before and after, and another picture to edit in the same way.",
        (
            Figure("x_i", "x_i: reference before", "Source picture of the reference pair i"),
            Figure("y_i", "y_i: reference after", "Target picture of the reference pair i"),
            Figure("x_j", "x_j: picture to edit", "Source picture of pair j"),
        ),
    ),
    Section(
        "flow",
        "From x_i to x_j",
        "What the first network, M_x, predicts. F says where each pixel comes from, C how its color is scaled and "
        "shifted.",
        (
            Figure("flow", "F: flow", "Flow field F from x_i to x_j", "flow_legend"),
            Figure("scale", "C: scale", "Color scale per pixel, diverging around 1", "scale_legend"),
            Figure("shift", "C: shift", "Color shift per pixel, diverging around 0", "shift_legend"),
        ),
    ),
    Section(
        "source",
        "Does that explain x_j?",
        "F moves x_i, then C recolors it. Where the result differs from x_j, the error is bright.",
        (
            Figure("warped", "T_s(x_i): moved by F", "The reference source moved by the flow"),
            Figure("x_j_hat", "x̂_j: moved and recolored", "Prediction of the source of pair j"),
            Figure("x_error", "error of x̂_j", "Heat map of the error of the predicted source", "error_legend"),
        ),
    ),
    Section(
        "mix",
        "How the edit is made",
        "The second network, M_y, moves pixels of x_j itself, keeps a share of each and adds paint.",
        (
            Figure("move", "M_y: moves x_j", "Flow by which the edit moves pixels of x_j", "move_legend"),
            Figure("kept", "M_y: keeps of x_j", "Share of x_j that the edit keeps", "kept_legend"),
            Figure("paint", "M_y: paint, gray is none", "What the edit adds to what it keeps"),
        ),
    ),
    Section(
        "target",
        "The edit",
        "Kept pixels and paint together, beside the truth that M_y never sees.",
        (
            Figure("y_j_hat", "ŷ_j: the edit", "Edit of the source of pair j"),
            Figure("y_j", "y_j: the truth", "Target picture of pair j"),
            Figure("y_error", "error of ŷ_j", "Heat map of the error of the edit"),
        ),
    ),
)
STEPS = Figure("steps", "ŷ_j after each sampling step", "The edit after each sampling step, from left to right")
FIELDS = (
    *(field for section in SECTIONS for figure in section.figures for field in (figure.field, figure.legend) if field),
    STEPS.field,
)


def figure(about: Figure) -> list[gr.Image]:
    """Lay out one picture and, below it, its legend."""
    buttons = ["download", "fullscreen"]
    picture = gr.Image(
        label=about.label,
        alt_text=about.alt,
        format="png",
        interactive=False,
        buttons=buttons,
        elem_id=about.elem_id,
        elem_classes="pb-picture",
    )
    if not about.legend:
        return [picture]
    legend = gr.Image(
        show_label=False,
        alt_text=f"Legend of {about.label}",
        format="png",
        interactive=False,
        buttons=[],
        container=False,
        elem_id=f"inspect-{about.legend.replace('_', '-')}",
        elem_classes="pb-picture pb-legend-picture",
    )
    return [picture, legend]
