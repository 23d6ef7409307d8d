"""Simple shows plain words where Expert shows numbers."""

import re

import pytest

from editor.ui import messages
from editor.ui.components.html import from_template
from editor.ui.components.next_step import GOOD_DB
from editor.ui.components.run_status import run_status
from editor.ui.messages.common import closeness

NUMBERS = re.compile(r"\bdB\b|PSNR|SSIM|\bstep\b|255|Device", re.IGNORECASE)


def seen_in(mode, html):
    """Return the text of the parts without those that the other mode shows."""
    other = {"simple": "expert", "expert": "simple"}[mode]
    kept = re.sub(rf'<(\w+)[^>]*class="[^"]*pb-{other}[^"]*"[^>]*>.*?</\1>', "", html)
    return re.sub(r"<[^>]*>", " ", kept)


def test_the_card_of_a_run_has_words_in_simple_and_numbers_in_expert(services, trained):
    card = run_status(services.training.status(trained))
    simple, expert = seen_in("simple", card), seen_in("expert", card)
    assert not NUMBERS.search(simple) and "Close to your pictures after" in simple and "very" in simple
    assert "dB" in expert and "SSIM" in expert and "Close to your pictures" not in expert


def test_the_timeline_names_no_score_in_simple():
    assert not NUMBERS.search(seen_in("simple", from_template("timeline").replace("step=", "")))


def test_not_yet_is_said_exactly_where_the_editor_is_not_ready():
    gains = {gain: closeness(20 + gain, 20.0) for gain in (-3.0, GOOD_DB - 0.01, GOOD_DB + 0.01, 2.9, 4.0, 8.0)}
    assert [*gains.values()] == ["not yet", "not yet", "a little", "a little", "fairly", "very"]
    assert closeness(30.0, None) == "", "nobody knows"


@pytest.mark.parametrize(("change", "words"), [(0.0, "every pixel"), (0.1, "less than 0.1%"), (25.5, "10.0%")])
def test_what_an_edit_changes_outside_is_told_as_a_share(change, words):
    assert words in messages.edit.outside_plain(change)
