"""The pictures of an inspection: what each one is, and which of them stand together."""

from __future__ import annotations

from typing import NamedTuple

import gradio as gr

from editor.ui import messages


class Figure(NamedTuple):
    """How one picture of an inspection is shown."""

    field: str  # of workspace.InspectionPictures
    legend: str = ""  # the field of the picture that explains its colors

    @property
    def label(self) -> str:
        """What it is."""
        return messages.inspect.INSPECT_PICTURES[self.field][0]

    @property
    def alt(self) -> str:
        """What it shows."""
        return messages.inspect.INSPECT_PICTURES[self.field][1]

    @property
    def fields(self) -> tuple[str, ...]:
        """Of the picture and of its legend, if it has one."""
        return (self.field, self.legend) if self.legend else (self.field,)

    @property
    def elem_id(self) -> str:
        """Id of the picture in the page."""
        return f"inspect-{self.field.replace('_', '-')}"


class Section(NamedTuple):
    """One row of pictures and, in `messages.inspect.INSPECT_SECTIONS`, what it is about."""

    name: str
    figures: tuple[Figure, ...]


SECTIONS = (
    Section("given", (Figure("x_i"), Figure("y_i"), Figure("x_j"))),
    Section("flow", (Figure("flow", "flow_legend"), Figure("scale", "scale_legend"), Figure("shift", "shift_legend"))),
    Section("source", (Figure("warped"), Figure("x_j_hat"), Figure("x_error", "error_legend"))),
    Section("answer", (Figure("move", "move_legend"), Figure("kept", "kept_legend"), Figure("paint"))),
    Section("target", (Figure("y_j_hat"), Figure("y_j"), Figure("y_error"))),
)
EXTRAS = {  # rows that only some runs have
    "paste": (Figure("cutout"), Figure("matte", "matte_legend"), Figure("pasted")),
    "color-map": (Figure("curves"), Figure("cube"), Figure("gains")),
    "canvas": (Figure("copied_from"), Figure("canvas"), Figure("alpha", "alpha_legend")),
}
STEPS = Figure("steps")
FIELDS = (
    *(field for section in SECTIONS for figure in section.figures for field in figure.fields),
    *(field for figures in EXTRAS.values() for figure in figures for field in figure.fields),
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
        alt_text=messages.inspect.LEGEND_ALT.format(label=about.label),
        format="png",
        interactive=False,
        buttons=[],
        container=False,
        elem_id=f"inspect-{about.legend.replace('_', '-')}",
        elem_classes="pb-picture pb-legend-picture",
    )
    return [picture, legend]
