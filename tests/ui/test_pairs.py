import threading
from functools import partial

import gradio as gr
import pytest

from editor.errors import UserError
from editor.pairs.doctor import repair
from editor.pairs.doctor.examination import examine
from editor.ui.components.page_thumbnails import PageThumbnails
from editor.ui.tabs import pairs
from editor.ui.tabs.pairs import View
from editor.ui.undo import undo
from tests.conftest import draw_toy_pair
from tests.services import examined
from tests.ui.uploads import event

SKIP = {"__type__": "update"}


def rendered(services, effect="toy", *, problem="", view=None):
    return pairs.Live(*pairs.render(services, effect, services.workspace.pairs(effect), problem, view))


def names(services):
    return [pair.name for pair in services.workspace.store("toy").pairs()]


def test_a_pair_is_held_out_and_learned_from_again(services):
    store = services.workspace.store("toy")
    assert pairs.act(services, "toy", event(action="hold", name="0000")) == (SKIP, SKIP)
    assert "0000" in {pair.name for pair in store.held_out()}
    pairs.act(services, "toy", event(action="learn", name="0000"))
    assert "0000" not in {pair.name for pair in store.held_out()}


def test_removing_and_renaming_can_be_taken_back(services):
    step, button = pairs.act(services, "toy", event(action="remove", name="0000"))
    assert "0000" not in names(services)
    assert button["visible"] and "0000" in button["value"]
    forgotten, button, report, _ = undo(services, step)
    assert "0000" in names(services)
    assert forgotten is None and not button["visible"] and report == ""
    step, _ = pairs.act(services, "toy", event(action="rename", name="0000", to="my cat.png"))
    assert "my-cat-png" in names(services) and "0000" not in names(services)
    undo(services, step)
    assert "0000" in names(services)


def test_a_shifted_pair_is_aligned_and_the_alignment_taken_back(services):
    source, target = draw_toy_pair(70, 128)
    moved = target.crop((-6, 0, 122, 128))
    store = services.workspace.store("toy")
    store.add("moved", source, moved)
    step, button = pairs.act(services, "toy", event(action="align", name="moved"))
    assert repair.originals(store).names() == ["moved"]
    assert "moved" in button["value"]
    *_, cards, _ = rendered(services)
    assert 'data-action="unalign"' in cards
    undo(services, step)
    assert repair.originals(store).names() == []
    pairs.act(services, "toy", event(action="align", name="moved"))
    pairs.act(services, "toy", event(action="unalign", name="moved"))
    assert repair.originals(store).names() == []


def test_sides_are_swapped_and_swapped_back(services):
    pair = services.workspace.pairs("toy")[0]
    before = pair.source.read_bytes()
    step, _ = pairs.act(services, "toy", event(action="swap", name=pair.name))
    assert pair.target.read_bytes() == before
    undo(services, step)
    assert pair.source.read_bytes() == before


@pytest.mark.parametrize("action", ["remove", "align", "unalign", "swap", "hold"])
def test_buttons_know_only_pairs_of_the_effect(services, action):
    with pytest.raises(UserError):
        pairs.act(services, "toy", event(action=action, name="../../effect"))
    assert len(names(services)) == 8


def test_render_shows_every_pair(services, monkeypatch):
    monkeypatch.setattr(pairs, "PageThumbnails", partial(PageThumbnails, seconds=60))
    summary, cards, doctor = rendered(services)
    assert "8 pairs: fine for a color look, thin for shapes." in summary
    assert "7 to learn from, 1 kept for testing" in summary
    assert cards.count("<li ") == 8
    assert cards.count('data-held-out="true"') == 1
    assert cards.count("32 x 32 px") == 8
    assert cards.count("<img ") == 24  # the picture after lies over the one before too, for the flip
    assert "doctor" in doctor


def test_the_doctor_never_keeps_the_page_waiting_and_says_what_it_found(services, monkeypatch):
    may_go = threading.Event()
    monkeypatch.setattr("editor.workspace.checkups.examine", lambda *given: may_go.wait(60) and examine(*given))
    assert not services.checkups.of("toy").is_done
    assert "The doctor is looking" in rendered(services).doctor
    may_go.set()
    examined(services)
    *_, cards, doctor = rendered(services)
    assert "8 pairs need a look" in doctor  # of 32 pixels
    assert "has only 32 x 32 pixels" in cards and "Too small" in cards


def test_only_the_flagged_ones(services):
    source, _ = draw_toy_pair(80, 128)
    effect = services.workspace.create_effect("Large", fill=lambda store: fill_large(store, 6, source)).slug
    flags = examined(services, effect).flags
    assert [(flag.name, flag.kind) for flag in flags] == [("same", "identical")]
    view = pairs.browse(services, effect, View(), event(action="only", to="flagged"))
    *_, cards, doctor = rendered(services, effect, view=view)
    assert cards.count("<li ") == 1 and 'data-pair="same"' in cards
    assert 'data-to="all"' in doctor
    *_, cards, _ = rendered(services, "toy", view=view)  # what was asked of one effect is not asked of another
    assert cards.count("<li ") == 8


def test_pairs_that_come_later_are_seen_beside_the_flagged_ones(services):
    source, _ = draw_toy_pair(80, 128)
    effect = services.workspace.create_effect("Large", fill=lambda store: fill_large(store, 6, source)).slug
    view = pairs.browse(services, effect, View(), event(action="only", to="flagged"))
    services.workspace.store(effect).add("new", *draw_toy_pair(81, 128))
    examined(services, effect)
    *_, cards, _ = rendered(services, effect, view=view)
    assert cards.count("<li ") == 2 and 'data-pair="same"' in cards and 'data-pair="new"' in cards


def targets(services, effect):
    return {pair.name: pair.target.read_bytes() for pair in services.workspace.pairs(effect)}


def test_partners_that_were_mixed_up_are_exchanged_one_by_one_or_all_at_once(services):
    """Two that changed places, three in a ring, and one with its sides swapped."""
    drawn = [draw_toy_pair(seed, 128) for seed in range(14)]
    places = [*range(14)]
    places[1], places[2] = 2, 1
    places[4], places[5], places[6] = 5, 6, 4

    def fill(store):
        for index, place in enumerate(places):
            sides = drawn[index][0], drawn[place][1]
            store.add(f"{index:02}", *(reversed(sides) if index == 9 else sides))

    effect = services.workspace.create_effect("Mixed up", fill=fill).slug
    mixed = targets(services, effect)
    found = {flag.name: (flag.kind, flag.other) for flag in examined(services, effect).flags}
    assert {name: found.get(name) for name in ("01", "02")} == {"01": ("mismatch", "02"), "02": ("mismatch", "01")}
    *_, cards, doctor = rendered(services, effect)
    assert "Exchange with 02" in cards and 'data-action="exchange" data-to="02"' in cards and "Mend all 6" in doctor

    step, button = pairs.act(services, effect, event(action="exchange", name="01", to="02"))
    assert targets(services, effect) == {**mixed, "01": mixed["02"], "02": mixed["01"]}
    assert "exchange 01 and 02 back" in button["value"]
    undo(services, step)
    assert targets(services, effect) == mixed
    examined(services, effect)
    step, button = pairs.act(services, effect, event(action="mend", name=""))
    assert "take back 4 repairs" in button["value"]
    assert examined(services, effect).flags == ()
    undo(services, step)
    assert targets(services, effect) == mixed
    with pytest.raises(UserError, match="no pair named"):
        pairs.act(services, effect, event(action="exchange", name="01", to="../x"))


def test_there_is_nothing_to_mend_in_what_is_fine(services):
    with pytest.raises(gr.Error):
        pairs.act(services, "toy", event(action="mend", name=""))


def fill_large(store, count, twin):
    for seed in range(count):
        store.add(f"{seed}", *draw_toy_pair(seed, 128))
    store.add("same", twin, twin)


def test_a_picture_without_a_partner_is_told_and_can_be_removed(services):
    (services.workspace.store("toy").target_dir / "0003.png").unlink()
    examined(services)
    doctor = rendered(services).doctor
    assert "source/0003.png has no partner" in doctor and 'data-item="0003"' in doctor
    pairs.act(services, "toy", event(action="remove", name="0003"))
    examined(services)
    assert "0003" not in rendered(services).doctor


def test_a_long_list_has_pages(services, monkeypatch):
    monkeypatch.setattr(pairs, "PAGE", 3)
    *_, cards, _ = rendered(services)
    assert cards.count("<li ") == 3 and "1 to 3 of 8 pairs" in cards
    view = pairs.browse(services, "toy", View(), event(action="page", to="2"))
    *_, cards, _ = rendered(services, view=view)
    assert 'data-pair="0006"' in cards and "7 to 8 of 8 pairs" in cards
    *_, cards, _ = rendered(services, view=View("toy", 99))
    assert 'data-pair="0007"' in cards
    with pytest.raises(gr.Error):
        pairs.browse(services, "toy", View(), event(action="page", to="-1"))


def test_names_are_escaped(services):
    services.workspace.store("toy").add("<b>&", *draw_toy_pair(0))
    assert "<b>&" not in rendered(services).cards


def test_an_empty_effect_says_what_to_do(services):
    services.workspace.create_effect("Empty")
    summary, cards, doctor = rendered(services, "empty")
    assert "No pairs yet" in cards and doctor == ""
    assert "At least 2 pairs" in summary


def test_small_copies_are_made_only_while_there_is_time(services):
    picture = services.workspace.pairs("toy")[0].source
    late = PageThumbnails(services.workspace, seconds=0)
    assert "<img" not in late.picture(picture, "cat") and not late.is_complete
    assert "<img" in PageThumbnails(services.workspace, seconds=60).picture(picture, "cat")
    assert "<img" in late.picture(picture, "cat")  # what is there is always shown
