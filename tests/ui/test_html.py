"""Every template shows names and sentences as text, whatever they hold, and no module of the pages writes HTML."""

import ast
import re
from datetime import datetime, timezone
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import pytest
from jinja2 import UndefinedError

from editor.hub import Pushed
from editor.pairs.doctor.flags import Flag
from editor.pairs.folder import Pair
from editor.pairs.importing.plan import ImportPlan, LeftOver, Picture, PlannedPair
from editor.samples.catalog import SAMPLES
from editor.training.history import History, PreviewPoint
from editor.ui import messages
from editor.ui.components import html
from editor.ui.components.address import address
from editor.ui.components.chart import View, line_chart
from editor.ui.components.clip_panel import clip_panel
from editor.ui.components.done_notice import done_notice
from editor.ui.components.effect_summary import doctor_note, effect_card, pairs_summary
from editor.ui.components.effects_table import effects_table
from editor.ui.components.fit_preview import fit_preview
from editor.ui.components.html import TEMPLATES, button, facts, from_template, note, picture, placeholder
from editor.ui.components.mode import by_mode
from editor.ui.components.next_step import Advice
from editor.ui.components.pair_cards import card_list, pager, pair_cards
from editor.ui.components.pair_matrix import pair_matrix
from editor.ui.components.plan_view import plan_view
from editor.ui.components.readout import readout
from editor.ui.components.run_status import other_run, run_status
from editor.ui.components.training_queue import training_queue
from editor.ui.components.welcome import welcome
from editor.ui.messages.share import CardWords
from editor.ui.selection import Selection
from editor.ui.tabs.edit.thumbnail_rows import example_row, photo_row, reference_row, variant_grid
from editor.ui.tabs.share.cards import FILES
from editor.workspace import (
    Checkup,
    ClipStatus,
    Damaged,
    EditProgress,
    EditSettings,
    EditState,
    EditVariant,
    Effect,
    Failure,
    PairMatrix,
    Photo,
    RunListing,
    RunStatus,
    RunSummary,
    ShareFacts,
    Storage,
    TrashEntry,
)
from editor.workspace.queue import QueuePosition
from editor.workspace.rented import RentedFacts
from editor.workspace.runs import KnownPast
from editor.workspace.waiting_line import Turn

UI = Path(messages.__file__).parents[1]
MODULES = sorted(UI.rglob("*.py"))
EVIL = """<img src=x onerror=alert(1)>"'&{{7*7}}{% raw %}"""
NOW = datetime(2026, 11, 28, 12, tzinfo=timezone.utc)
PAIRS = [Pair(f"{EVIL}{i}", Path(f"b/{EVIL}.png"), Path(f"a/{EVIL}.png"), i == 1) for i in range(3)]
FLAGS = [Flag(pair.name, kind, f"{EVIL} is odd.") for pair, kind in zip(PAIRS, ("shifted", "swapped", "outlier"))]
NO_PARTNER = Flag(f"{EVIL}9", "no partner", f"{EVIL} has none.")
RUN = RunSummary(EVIL, EVIL, f"{EVIL}2", "slug", "draft", 128, "crop", NOW)
PHOTO = Photo(EVIL, *[Path(f"{EVIL}.png")] * 3)
FAILING = EditState((PHOTO, PHOTO), 1, progress=EditProgress({Path(EVIL): Failure(EVIL, EVIL)}))
PREVIEW = PreviewPoint(step=10, seconds=3.0, psnr=20.0, ssim=0.5, pictures=(EVIL,), is_held_out=True)
HISTORY = History(state="running", device=EVIL, message=EVIL, step=12, previews=(PREVIEW,), unedited_psnr=15.0)
PLAN = ImportPlan(
    files={PurePosixPath(f"{EVIL}/{name}"): Path(name) for name in ("a", "b", "c")},
    pairs=(
        PlannedPair(
            EVIL, Picture(PurePosixPath(f"{EVIL}/a")), Picture(PurePosixPath(f"{EVIL}/b")), f"By {EVIL}.", True
        ),
        PlannedPair("half", *(Picture(PurePosixPath(f"{EVIL}/a"), part) for part in ("left", "right")), "In halves."),
    ),
    left_over=(
        LeftOver(PurePosixPath(f"{EVIL}/c"), f"{EVIL} is alone."),
        LeftOver(PurePosixPath(f"{EVIL}.txt"), f"{EVIL} is no picture."),
    ),
)
NAMES = tuple(pair.name for pair in PAIRS)
VALUES = ((40.0, 20.0, 10.0), (21.0, 41.0, 11.0), (22.0, None, 42.0))


class Pictures:
    """In place of `PageThumbnails`: every picture is there, but for the broken ones."""

    def picture(self, path, alt, *, side=0, fit=None):
        return picture(path, alt, is_lazy=True) if "b/" in str(path) else from_template("no_picture", alt=alt, text="…")

    def size(self, path):
        return f"{EVIL} px"


def snapshot(state="running", **changes):
    return RunStatus(run=RUN, state=state, past=KnownPast(HISTORY), has_weights=True, saved_at=NOW, **changes)


def matrix(is_done):
    values = VALUES if not is_done else tuple(tuple(value or 1.0 for value in row) for row in VALUES)
    return PairMatrix(
        names=NAMES,
        held_out=frozenset(NAMES[1:2]),
        num_pairs=3,
        step=250,
        is_newest=True,
        num_done=9 if is_done else 8,
        seconds_left=4.0,
        source=values,
        target=values,
        sheets=None,
    )


def take(**changes):
    return EditVariant(Path(f"{EVIL}.png"), EditSettings(run=EVIL, **changes), EVIL, 20.0)


CASES = {
    "address": lambda: address(Selection(EVIL, EVIL)),
    "brand": lambda: from_template("brand", logo=html.Markup("<svg></svg>")),
    "button": lambda: button(EVIL, EVIL, to=EVIL, label=EVIL, elem_id="x", is_main=True, is_off=True),
    "cards": lambda: pair_cards(PAIRS, FLAGS, {PAIRS[0].name}, Pictures()),
    "card without pairs": lambda: pair_cards([], [], set(), Pictures()),
    "chart": lambda: (
        line_chart("x", (View(EVIL, "", "", 1),) * 2, empty=EVIL, axes=("seconds", "steps"), is_log=True).html_template
    ),
    "queue": lambda: training_queue(
        RunListing(None, [snapshot("queued")], [], [Turn(EVIL, QueuePosition(1, 30.0), 60.0)])
    ),
    "clip": lambda: clip_panel(ClipStatus("failed", sentence=EVIL), has_area=True, is_retouched=True),
    "clip, running": lambda: clip_panel(ClipStatus("running", 3, 9, 60.0), has_area=False, is_retouched=False),
    "comparison": lambda: from_template("comparison"),
    "doctor": lambda: doctor_note(PAIRS, Checkup((*FLAGS, NO_PARTNER), True), is_filtered=False),
    "doctor, filtered": lambda: doctor_note(PAIRS, Checkup(tuple(FLAGS), True), is_filtered=True),
    "doctor, failed": lambda: doctor_note(PAIRS, Checkup((), True, EVIL), is_filtered=False),
    "done": lambda: done_notice(snapshot("finished")),
    "drop place": lambda: from_template("drop_place", folder="", label=EVIL, help=EVIL, wait=EVIL),
    "drop place of one side": lambda: from_template("drop_place", folder="before", label=EVIL, help=EVIL, wait=""),
    "edit file": lambda: from_template("edit_file"),
    "edit viewer": lambda: from_template("edit_viewer"),
    "edit tools": lambda: from_template("edit_tools"),
    "effect": lambda: effect_card(Effect("x", EVIL, NOW), PAIRS),
    "effects": lambda: effects_table(
        [Effect(EVIL, EVIL, NOW)],
        {EVIL: 3},
        [RUN],
        Storage({EVIL: 5}, {}, 0, 0, 9, 100),
        [
            TrashEntry(EVIL, kind, EVIL, "x", (f"{EVIL}1", f"{EVIL}2"), NOW, 2_000_000)
            for kind in ("pairs", "effect", "run")
        ],
        [Damaged(kind, EVIL, EVIL) for kind in ("effect", "run")],
    ),
    "effects, no trash": lambda: effects_table([], {}, [], Storage({}, {}, 0, 0, 9, 100), [], []),
    "examples": lambda: example_row([(EVIL, Path(f"{EVIL}.png"))]),
    "facts": lambda: facts([EVIL, EVIL]),
    "fit": lambda: fit_preview(PAIRS, "crop", Pictures()),
    "fit, all square": lambda: fit_preview([], "whole", Pictures()),
    "focus": lambda: from_template("focus_rules"),
    "waits": lambda: from_template("waits"),
    "polling": lambda: from_template("polling", seconds=3.0),
    "matrix": lambda: pair_matrix(matrix(False), "target", PAIRS, lambda path: path),
    "matrix, done": lambda: pair_matrix(matrix(True), "source", PAIRS, lambda path: path),
    "next step": lambda: from_template("next_step", advice=Advice(EVIL, EVIL, EVIL), name=EVIL),
    "by mode": lambda: by_mode(simple=EVIL, expert=EVIL),
    "mode": lambda: from_template("mode"),
    "note": lambda: note([EVIL, EVIL], kind="bad", title=EVIL),
    "note, empty": lambda: note([]),
    "other run": lambda: other_run(snapshot(), is_other_effect=True),
    "orphans": lambda: from_template("orphans"),
    "other run, none": lambda: other_run(None, is_other_effect=False),
    "pager": lambda: pager(36, 36, 100),
    "photos": lambda: photo_row(FAILING, [Path(f"{EVIL}.png"), None], range(1, 2)),
    "photos, done": lambda: photo_row(EditState((PHOTO,)), [Path(f"{EVIL}.png")], range(1)),
    "picture": lambda: picture(Path(f"{EVIL}.png"), EVIL, is_lazy=True),
    "placeholder": lambda: placeholder(EVIL),
    "plan": lambda: plan_view(PLAN, 1, 0, Pictures()),
    "plan without pairs": lambda: plan_view(ImportPlan(PLAN.files, (), PLAN.left_over), 1, 0, Pictures()),
    "readout": lambda: readout(),
    "readout with numbers": lambda: from_template("readout", probe=EVIL),
    "references": lambda: reference_row([(EVIL, Path(f"{EVIL}.png"))], f"pair:{EVIL}"),
    "run": lambda: run_status(snapshot(asked=frozenset({"preview"}))),
    "run, saved": lambda: run_status(snapshot("finished"), 5_000_000),
    "run, interrupted": lambda: run_status(snapshot("interrupted")),
    "runs": lambda: from_template("run_cards"),
    "share, open": lambda: from_template("effect_choose", suffix=EVIL),
    "share": lambda: from_template("share_card", words=CardWords(EVIL, EVIL, EVIL), size=EVIL, obstacle=""),
    "rent": lambda: from_template(
        "rent_card", facts=RentedFacts(EVIL, NOW, 1, 2, NOW, EVIL), lost="", is_logged_in=True
    ),
    "rent, nothing": lambda: from_template("rent_card", facts=None, lost="", is_logged_in=True),
    "rent, lost": lambda: from_template("rent_card", facts=None, lost=EVIL, is_logged_in=True),
    "rent, nobody": lambda: from_template("rent_card", facts=None, lost="", is_logged_in=False),
    "hub": lambda: from_template("hub_done", pushed=Pushed(EVIL, EVIL, EVIL), is_private=True),
    "share, impossible": lambda: FILES[1].render(None, ShareFacts(10, None)),
    "summary": lambda: pairs_summary(PAIRS, FLAGS),
    "takes by run": lambda: variant_grid([take()], title=EVIL, kind="run"),
    "takes by pair": lambda: variant_grid([take(reference=EVIL), take()], title=EVIL, kind="reference"),
    "timeline": lambda: from_template("timeline"),
    "welcome": lambda: welcome([Effect("party", SAMPLES[0].name, NOW)], Pictures()),
}


class Reader(HTMLParser):
    """Collects what a browser would make of HTML, and whether its elements are nested properly."""

    VOID = {"img", "input"}

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs)), f"an attribute of <{tag}> comes twice"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("case", CASES)
def test_what_came_from_a_person_is_text(case):
    found = str(CASES[case]())
    reader = Reader()
    reader.feed(found)
    reader.close()
    assert not reader.open
    assert not [attrs for _, attrs in reader.tags if any(name.startswith("on") for name in attrs)]
    assert not [tag for tag, attrs in reader.tags if tag == "script" or attrs.get("src") == "x"]
    assert "49" not in "".join(reader.texts)  # 7 * 7, by a template inside a value
    assert EVIL not in found  # it holds characters that must not stand there as they are


def test_what_came_from_a_person_is_shown_in_full():
    for case in ("cards", "doctor", "effects", "matrix", "note", "plan", "run", "takes by run"):
        reader = Reader()
        reader.feed(CASES[case]())
        assert EVIL in "".join(reader.texts), case


def test_every_template_is_tried_above(monkeypatch):
    for cached in (html.picture, card_list):  # else nothing may be left to render
        cached.cache_clear()
    used = set()
    real = html.ENVIRONMENT.get_template
    monkeypatch.setattr(html.ENVIRONMENT, "get_template", lambda name, *more: used.add(name) or real(name, *more))
    for case in CASES.values():
        case()
    assert {path.name for path in TEMPLATES.iterdir()} == used


def test_what_a_template_is_not_given_is_an_error():
    with pytest.raises(UndefinedError):
        from_template("placeholder")


def test_indentation_of_a_template_is_no_space_in_the_page():
    assert from_template("note", sentences=["a"], kind="bad", title="b") == (
        '<div class="pb-note pb-bad" role="status"><p>b</p><ul><li>a</li></ul></div>'
    )


# A tag, or a character reference.
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(#\w+|[a-z]+);")


def strings(source):
    """Return every text in a module that is no docstring, with {} for what is filled in."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.parametrize("source", ["f'<b>{name}</b>'", "'<p class=x>' + text", "x = '&lt;'"])
def test_html_in_the_code_is_found(source):
    assert any(MARKUP.search(text) for text in strings(source))


def test_no_module_of_the_pages_writes_html():
    may = {UI / "first_script.py"}  # it puts a script of the project into Gradio's own page, and nothing from a person
    found = [
        f"{path.relative_to(UI)}: {text}"
        for path in MODULES
        if path not in may
        for text in strings(path.read_text("utf-8"))
        if MARKUP.search(text)
    ]
    assert not found, "\n".join(found)


def test_nothing_is_called_html_but_by_a_template():
    may = {"components/html.py", "header.py"}  # the second for the logo, a file of the project
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [getattr(node, "module", "") or "", *(alias.name for alias in node.names)]
                assert "html" not in names or names[0].startswith("editor."), path  # `html.escape`
            is_call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Markup" and node.args
            assert not is_call or path.relative_to(UI).as_posix() in may, path
    for path in TEMPLATES.iterdir():
        assert not re.search(r"\|\s*safe\b|autoescape", path.read_text("utf-8")), path
