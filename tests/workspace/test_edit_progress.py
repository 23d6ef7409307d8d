"""How far the photos of the Edit tab are."""

from pathlib import Path

import pytest

from editor.ui.messages.edit import photos_done
from editor.workspace import EditProgress


def test_pace_is_a_moving_average_and_no_turn_without_a_photo_changes_it():
    progress = EditProgress().stepped(None)
    assert (progress.turn, progress.pace) == (1, None)
    progress = progress.stepped(2.0).stepped(4.0)
    assert (progress.turn, progress.pace) == (3, pytest.approx(2.4))
    assert progress.stepped(None).pace == progress.pace


def test_failures_come_and_go():
    progress = EditProgress().with_failure(Path("a"), "a.png", "No picture.").with_failure(Path("b"), "b.png", "Gone.")
    assert list(progress.without_failures([Path("a")]).failed) == [Path("b")]


@pytest.mark.parametrize(
    ("done", "failed", "seconds", "words"),
    [
        (3, 0, None, "3 of 300 photos edited…"),
        (123, 1, 240.0, "123 of 300 photos edited, 1 failed, about 4 minutes left"),
        (299, 0, 2.0, "299 of 300 photos edited, about 5 seconds left"),
        (239, 0, 61.0, "239 of 300 photos edited, about 1 minute left"),
        (239, 0, 58.0, "239 of 300 photos edited, about 1 minute left"),
        (298, 2, 0.0, "298 of 300 photos edited, 2 failed"),
    ],
)
def test_progress_in_words(done, failed, seconds, words):
    assert photos_done(done, 300, failed, seconds) == words
