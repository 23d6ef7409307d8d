import pytest

from editor.pairs.doctor import examination
from editor.workspace import WorkspaceError, checkups
from tests.conftest import draw_toy_pair
from tests.services import examined


def test_what_is_wrong_is_known_after_a_while_and_again_after_a_change(services):
    assert services.checkups.of("toy") == ((), False, "")
    flags = {flag.name for flag in examined(services).flags}
    twin = draw_toy_pair(0)[0]
    services.workspace.store("toy").add("same", twin, twin)
    again = services.checkups.of("toy")
    assert {flag.name for flag in again.flags} == flags and not again.is_done  # the earlier findings stay in sight
    assert ("same", "identical") in {(flag.name, flag.kind) for flag in examined(services).flags}


def test_only_pairs_that_changed_are_measured_again(services, monkeypatch):
    measured = []
    measure = checkups.measure
    monkeypatch.setattr(checkups, "measure", lambda pair, load: measured.append(pair.name) or measure(pair, load))
    examined(services)
    assert len(measured) == 8
    measured.clear()
    services.library.rename_pair("toy", "0000", "new")
    services.workspace.store("toy").set_held_out(["0001"])
    services.workspace.store("toy").add("more", *draw_toy_pair(40))
    assert {flag.name for flag in examined(services).flags} >= {"new", "more"}
    assert measured == ["more"]


def test_damaged_pairs_are_told(services):
    (services.workspace.store("toy").directory / "pairs.json").write_text("{")
    assert "pairs.json" in examined(services).problem


def test_a_fault_of_the_doctor_is_told_and_logged(services, monkeypatch, caplog):
    monkeypatch.setattr(checkups, "examine", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in examined(services).problem
    assert "could not be examined" in caplog.text


def test_small_copies_do_for_large_pictures(services):
    effect = services.workspace.create_effect("Large").slug
    store = services.workspace.store(effect)
    for seed in range(6):
        source, target = draw_toy_pair(seed, 700)
        store.add(str(seed), source, target.crop((-21, 0, 679, 700)) if seed == 3 else target)
    flags = examined(services, effect).flags
    assert [(flag.name, flag.kind) for flag in flags] == [("3", "shifted")]
    assert flags[0].shift[0] == pytest.approx(21, abs=4)  # pixels of the picture itself
    assert examination.examine(store)[0].kind == "shifted"
    assert services.workspace.thumbnails.existing(store.pairs()[0].source)


def test_an_effect_that_is_gone(services):
    with pytest.raises(WorkspaceError):
        services.checkups.of("gone")
