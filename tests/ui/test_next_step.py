import re
from datetime import UTC, datetime
from pathlib import Path

from editor.pairs.folder import Pair
from editor.training.history import History, PreviewPoint
from editor.ui.components.next_step import next_step
from editor.workspace import RunStatus, RunSummary
from editor.workspace.runs import KnownPast

RUN = RunSummary("run", "Beard", "Beard", "beard", "draft", 128, "whole", datetime(2026, 1, 1, tzinfo=UTC))
PAIRS = [Pair(name, Path(name), Path(name), False) for name in "abc"]


def status(state, gain=None):
    """A run whose only preview is `gain` dB better than no edit."""
    previews = () if gain is None else (PreviewPoint(12, 60.0, 20.0 + gain, 0.9, True, ()),)
    history = History(unedited_psnr=20.0, previews=previews)
    return RunStatus(run=RUN, state=state, past=KnownPast(history), has_weights=True)


def advice(run=None, found=PAIRS, learning=None):
    """Return the id of the tab that is named, and the whole line."""
    line = next_step(found, run, learning)
    return re.search('data-at="(.*?)"', line)[1], line


def test_an_editor_is_ready_once_its_edits_can_be_seen():
    for gain, tab, words in ((3.0, "edit", "Your editor is ready."), (0.0, "train", "hardly anything yet")):
        named, line = advice(status("finished", gain))
        assert named == tab and words in line
    assert advice(status("finished"))[0] == "edit"  # of an old run, nobody knows


def test_start_is_named_only_where_it_is():
    assert "press Start" in advice()[1]
    tab, line = advice(learning=status("running"))
    assert tab == "train" and "press Start" not in line and "Beard is learning now" in line and "Show it" in line
    assert "press Start" not in advice(status("running"))[1]


def test_pictures_are_named_once_they_are_there():
    assert "Watch the pictures" in advice(status("running", 0.0))[1]
    assert "Watch the pictures" not in advice(status("running"))[1]


def test_it_leads_to_the_tab_where_it_is_done():
    _, line = advice(status("finished", 3.0))
    assert re.search("<button[^>]*>(.*?)</button>", line)[1] == "Go to Edit" and 'data-tab="Edit"' in line
