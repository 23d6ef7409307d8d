"""The advanced settings of a run as controls, made from the dataclasses of `editor.config` and one table of words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import gradio as gr

from editor.config import FitMode, RunConfig
from editor.errors import UserError
from editor.ui import messages
from editor.ui.components.decimal_box import decimal_box
from editor.ui.handlers import mistake
from editor.ui.inputs import number
from editor.validation import bounds

CUSTOM = "custom"  # the preset of a run whose settings are those of none
FIT = "fit"  # depends on the pictures and belongs to no preset, so it is no advanced setting either


class Setting(NamedTuple):
    """One setting of `RunConfig`.

    Attributes:
        words: What the page says about it.
        path: Its name, after that of its part: "optimizer.batch_size".
        kind: Its type: bool, int, float or a `Literal`.
        bounds: What its number may be.
    """

    words: messages.settings.Words
    path: str
    kind: Any
    bounds: tuple[float, float] | None

    @property
    def elem_id(self) -> str:
        """Of its control."""
        return f"train-{self.path.split('.')[-1].replace('_', '-')}"

    def of(self, config: RunConfig) -> Any:
        """Return its value in a config."""
        value: Any = config
        for name in self.path.split("."):
            value = getattr(value, name)
        return value

    def read(self, value: Any) -> Any:
        """Return a value that a page sent, converted to the type of the setting.

        Raises:
            gr.Error: It is of another type, or out of bounds.
        """
        if self.kind is float:
            value = number(value)
        is_number = type(value) in (int, float) and math.isfinite(value)
        if self.kind is bool or get_origin(self.kind) is Literal:
            if value in (get_args(self.kind) or (False, True)) and type(value) in (bool, str):
                return value
        elif is_number and (self.kind is float or value == int(value)):
            low, high = self.bounds or (-math.inf, math.inf)
            if low <= value <= high:
                return self.kind(value)
        range_ = messages.settings.RANGE.format(*self.bounds) if self.bounds else ""
        raise mistake(
            messages.settings.BAD_SETTING.format(
                label=self.words.label, kind=messages.settings.KINDS.get(self.kind, ""), range=range_
            )
        )


def settings() -> Iterator[Setting]:
    """Yield the settings that the page offers: `FIT` first, then those of `messages.settings.SETTINGS`."""
    for group in ({FIT: messages.settings.FIT}, *messages.settings.SETTINGS.values()):
        for path, words in group.items():
            *parts, name = path.split(".")
            part: Any = RunConfig
            for item in parts:
                part = get_type_hints(part)[item]
            yield Setting(words, path, get_type_hints(part)[name], bounds(part, name))


def settings_form(config: RunConfig) -> list[gr.components.Component]:
    """Lay out one control per setting but `FIT`, grouped, with the values of `config`, and return them in order."""
    remaining, controls = (setting for setting in settings() if setting.path != FIT), []
    for title, group in messages.settings.SETTINGS.items():
        with gr.Accordion(title, open=False, elem_classes="pb-settings"), gr.Row():
            controls += [_control(setting, setting.of(config)) for setting in islice(remaining, len(group))]
    return controls


def fit_choice(config: RunConfig) -> gr.Radio:
    """Return the control of `FIT`. It is there only where pairs are not square, see `train.render`."""
    label, help, _ = messages.settings.FIT
    choices = [(messages.settings.FIT_CHOICES[fit], fit) for fit in get_args(FitMode)]
    return gr.Radio(choices, value=config.fit, label=label, info=f"{help}.", visible=False, elem_id="train-fit")


def read_settings(presets: Mapping[str, RunConfig], preset: str, values: Sequence[Any]) -> RunConfig:
    """Return the config that the form describes: the preset, or a custom one where a control differs from it.

    Args:
        presets: By name.
        preset: What everything comes from that the page does not offer.
        values: Of the controls.

    Raises:
        gr.Error: There is no such preset, or a value is out of bounds.
        UserError: The values exclude each other.
    """
    if preset not in presets:
        raise mistake(messages.settings.BAD_PRESET.format(names=", ".join(presets)))
    known = list(settings())
    if len(values) != len(known):
        raise mistake(messages.errors.STALE_PAGE)
    return _with(presets[preset], {setting: setting.read(value) for setting, value in zip(known, values)})


def settings_of(presets: Mapping[str, RunConfig], config: RunConfig) -> list[Any]:
    """Return what the form must show to start a run like one with that config: the preset, then the controls' values.

    Raises:
        UserError: It differs from every preset in what the page does not offer.
    """
    values = {setting: setting.of(config) for setting in settings()}
    # Its own preset comes first, though a later version may have changed it.
    for name in sorted(presets, key=lambda name: name != config.preset):
        try:
            found = _with(presets[name], values)
        except UserError:
            continue  # these values and the preset's other settings exclude each other
        # A run records what "auto" came to for its detail filter, which the form does not offer.
        if replace(found, preset=config.preset, detail=config.detail) == config:
            return [name, *values.values()]
    raise UserError(messages.settings.OTHER_SETTINGS)


def differences(config: RunConfig, base: RunConfig) -> list[str]:
    """Return one phrase for every advanced setting in which a config differs from the preset that it comes from."""
    return [
        messages.settings.DIFFERENCE.format(
            label=setting.words.label, now=_shown(setting.of(config)), was=_shown(setting.of(base))
        )
        for setting in settings()
        if setting.path != FIT and setting.of(config) != setting.of(base)
    ]


def _with(base: RunConfig, values: Mapping[Setting, Any]) -> RunConfig:
    plain = base.to_dict()
    for setting, value in values.items():
        part = plain
        *parts, name = setting.path.split(".")
        for item in parts:
            part = part[item]
        part[name] = value
    config = RunConfig.from_dict(plain)
    return config if replace(config, fit=base.fit) == base else replace(config, preset=CUSTOM)


def _control(setting: Setting, value: Any) -> gr.components.Component:
    label, help, source = setting.words
    common = {"label": label, "info": f"{help} ({source})." if source else f"{help}.", "elem_id": setting.elem_id}
    if setting.kind is bool:
        return gr.Checkbox(value, min_width=220, **common)
    if get_origin(setting.kind) is Literal:
        return gr.Dropdown(list(get_args(setting.kind)), value=value, filterable=False, min_width=220, **common)
    # No minimum and maximum here, since our own sentence about them is clearer than Gradio's.
    if setting.kind is int:
        return gr.Number(value, precision=0, step=1, min_width=130, **common)
    return decimal_box(value, min_width=130, **common)


def _shown(value: Any) -> str:
    return messages.settings.ON_OFF[value] if isinstance(value, bool) else str(value)
