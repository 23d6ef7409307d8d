import math

import gradio as gr
import pytest

from editor.ui.components.decimal_box import decimal_box
from editor.ui.components.settings_form import settings
from editor.ui.inputs import number
from editor.ui.tabs import start_form


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,5", 1.5),
        ("1.5", 1.5),
        (" 12 ", 12),
        ("3", 3),
        (",5", 0.5),
        ("1e9", 1e9),
        ("1E-4", 1e-4),
        ("-2", -2),
        (7, 7),
        (0.25, 0.25),
        ("", None),
        (None, None),
    ],
)
def test_both_decimal_marks_are_read(typed, meant):
    assert number(typed) == meant


@pytest.mark.parametrize("typed", ["soon", "1,5,2", "1.000,5", "1e", "0x10", "nan", "inf", "1_000", "."])
def test_what_is_no_number_is_none(typed):
    assert math.isnan(number(typed))


@pytest.mark.parametrize("value", [3, 0.0002, 1e-5, 2.5, 1 / 3])
def test_a_number_is_shown_as_it_is_read(value):
    box = decimal_box(value)
    assert number(box.value) == number(box.postprocess(value)) == value and box.value != "3.0"


@pytest.mark.parametrize("minutes", [1e9, "1e9", 0, "0", "-1", "soon", math.nan, math.inf, None, ""])
def test_a_time_out_of_bounds_is_a_sentence_and_no_promise(services, minutes):
    assert "Give a training time of more than 0 and at most" in start_form.check_minutes(services, minutes)
    label, more, _ = start_form.describe(services, None, "tiny", minutes)
    assert "minute" not in label + more


def test_a_time_within_bounds_needs_no_word(services):
    assert start_form.check_minutes(services, "1,5") == start_form.check_minutes(services, 1.5) == ""


def test_a_setting_with_a_fraction_may_have_a_comma():
    weight = next(setting for setting in settings() if setting.kind is float)
    assert weight.read("0,5") == weight.read("0.5") == weight.read(0.5) == 0.5
    with pytest.raises(gr.Error, match="must be a number"):
        weight.read("soon")
