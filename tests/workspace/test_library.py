import json
import shutil
import threading
from datetime import timedelta

import pytest
from PIL import Image

from editor.image_files import load_image, save_png
from editor.pairs.errors import PairError
from editor.workspace import WorkspaceError
from tests.conftest import TINY


@pytest.fixture
def library(services):
    return services.library


def pair_names(services, effect="toy"):
    return [pair.name for pair in services.workspace.pairs(effect)]


def test_an_effect_gets_another_name_and_its_runs_show_it(services, library):
    run = services.training.start("toy", TINY, 0.001)
    services.training.wait(30)
    assert library.rename_effect("toy", " Hüte  🎩 ").name == "Hüte 🎩"
    assert [(effect.slug, effect.name) for effect in services.workspace.effects()] == [("toy", "Hüte 🎩")]
    assert services.training.status(run).run.effect == "Hüte 🎩"
    assert services.training.status(run).run.effect_slug == "toy"
    assert library.rename_effect("toy", "HÜTE 🎩").name == "HÜTE 🎩"
    library.delete_effect("toy")
    assert services.training.status(run).run.effect == "Toy"


@pytest.mark.parametrize("name", ["", "x" * 100, "OTHER", "o\u0301"])
def test_names_that_are_refused_change_nothing(services, library, name):
    services.workspace.create_effect("Other")
    services.workspace.create_effect("\u00d3")
    with pytest.raises(WorkspaceError):
        library.rename_effect("toy", name)
    assert services.workspace.effect("toy").name == "Toy"


def test_a_copy_of_an_effect_has_its_own_pairs(services, library):
    services.workspace.store("toy").set_held_out(["0003"])
    copy = library.duplicate_effect("toy")
    assert copy.name == "Toy copy" and library.duplicate_effect("toy").name == "Toy copy 2"
    assert pair_names(services, copy.slug) == pair_names(services)
    assert [pair.name for pair in services.workspace.pairs(copy.slug) if pair.is_held_out] == ["0003"]
    library.remove_pairs(copy.slug, ["0000"])
    assert len(pair_names(services)) == 8
    with pytest.raises(WorkspaceError, match="already"):
        library.duplicate_effect("toy", "toy")


def test_a_deleted_effect_comes_back(services, library):
    before = services.workspace.effect("toy")
    id = library.delete_effect("toy")
    with pytest.raises(WorkspaceError, match="no longer there"):
        services.workspace.pairs("toy")
    assert library.restore(id)[:3] == ("effect", "toy", "Toy")
    assert services.workspace.effect("toy") == before
    assert len(pair_names(services)) == 8
    assert library.trash() == []
    with pytest.raises(WorkspaceError, match="no longer in the trash"):
        library.restore(id)


def test_an_effect_comes_back_beside_one_that_took_its_name(services, library):
    id = library.delete_effect("toy")
    assert services.workspace.create_effect("TOY").slug == "toy-2"  # runs of the old one stay with it
    assert library.restore(id)[:3] == ("effect", "toy", "Toy 2")
    assert {effect.name for effect in services.workspace.effects()} == {"TOY", "Toy 2"}


def test_an_effect_in_use_is_not_deleted(services, library):
    with services.workspace.using_pairs("toy"), pytest.raises(WorkspaceError, match="in use"):
        library.delete_effect("toy")
    library.delete_effect("toy")


def test_removed_pairs_come_back_held_out_as_they_were(services, library):
    store = services.workspace.store("toy")
    store.set_held_out(["0002", "0005"])
    before = store.pairs()
    id = library.remove_pairs("toy", ["0002", "0003"])
    assert pair_names(services) == ["0000", "0001", "0004", "0005", "0006", "0007"]
    (entry,) = library.trash()
    assert (entry.kind, entry.name, entry.place, entry.pairs) == ("pairs", "Toy", "toy", ("0002", "0003"))
    assert entry.bytes > 500
    restored = library.restore(id)
    assert (restored.kind, restored.id, restored.pairs) == ("pairs", "toy", ("0002", "0003"))
    assert store.pairs() == before
    assert library.trash() == []


def test_removed_pairs_need_their_effect(services, library):
    id = library.remove_pairs("toy", ["0002"])
    effect = library.delete_effect("toy")
    with pytest.raises(WorkspaceError, match="Restore it first"):
        library.restore(id)
    library.restore(effect)
    library.restore(id)
    assert len(pair_names(services)) == 8


def test_removing_what_is_not_there_changes_nothing(services, library):
    with pytest.raises(PairError, match="no pair named nobody"):
        library.remove_pairs("toy", ["0001", "nobody"])
    with pytest.raises(WorkspaceError, match="Choose"):
        library.remove_pairs("toy", [])
    assert len(pair_names(services)) == 8
    assert library.trash() == []


def test_a_pair_gets_another_name(services, library):
    assert library.rename_pair("toy", "0000", "Me / 2024") == "Me-2024"
    assert "Me-2024" in pair_names(services)


def test_a_corrected_edit_becomes_a_pair_to_learn_from(services, library, tmp_path):
    folder = services.workspace.new_cache_folder("edits")
    source, edited = folder / "me.png", folder / "me-toy.png"
    save_png(Image.new("RGB", (90, 60), "blue"), edited)
    store = services.workspace.store("toy")
    held_out = [pair.name for pair in store.held_out()]
    for number in range(15):  # the default choice of held-out pairs would hold out some of these, or others
        save_png(Image.new("RGB", (90, 60), (number, 0, 0)), source)
        added = library.add_corrected_pair("toy", source=source, edited=edited, name="Me & you.jpg")
        assert added == ("Me-you" if number == 0 else f"Me-you-{number + 1}", None)
        assert [pair.name for pair in store.held_out()] == held_out
    elsewhere = tmp_path / "secret.png"
    save_png(Image.new("RGB", (90, 60)), elsewhere)
    with pytest.raises(WorkspaceError, match="no longer there"):
        library.add_corrected_pair("toy", source=source, edited=elsewhere, name="x")
    save_png(Image.new("RGB", (60, 90)), edited)
    with pytest.raises(PairError, match="same shape"):
        library.add_corrected_pair("toy", source=source, edited=edited, name="x")


def test_a_photo_is_learned_from_once_and_never_if_it_is_held_out(services, library):
    folder = services.workspace.new_cache_folder("edits")
    source, edited = folder / "me.png", folder / "me-toy.png"
    save_png(Image.new("RGB", (90, 60), "red"), source)
    for color in ("blue", "green"):
        save_png(Image.new("RGB", (90, 60), color), edited)
        added = library.add_corrected_pair("toy", source=source, edited=edited, name="me.png")
    assert added == ("me-2", "me")
    assert "me" not in pair_names(services)
    with pytest.raises(WorkspaceError, match="me-2 already"):
        library.add_corrected_pair("toy", source=source, edited=edited, name="me.png")
    library.restore(library.trash()[0].id)  # nothing was lost
    assert "me" in pair_names(services)

    names = pair_names(services)
    held_out = services.workspace.store("toy").held_out()[0]
    save_png(load_image(held_out.source), source)
    save_png(load_image(held_out.source), edited)
    with pytest.raises(WorkspaceError, match=f"held-out pair {held_out.name}"):
        library.add_corrected_pair("toy", source=source, edited=edited, name="again.png")
    assert pair_names(services) == names


def test_runs_are_named_copied_deleted_and_brought_back(services, library, trained):
    assert services.training.status(trained).run.name == "toy"
    assert library.rename_run(trained, "Best  so far") == "Best so far"
    before = services.training.status(trained)
    assert (before.run.id, before.run.name) == ("toy", "Best so far")
    assert before.history.losses

    copy = library.duplicate_run(trained)
    snapshot = services.training.status(copy)
    assert (snapshot.run.name, snapshot.state, snapshot.has_weights) == ("Best so far copy", "untrained", False)
    assert services.training.open(copy).config == services.training.open(trained).config
    assert len(services.training.pairs(copy)) == len(services.training.pairs(trained))
    for name in ("best SO far", ""):
        with pytest.raises(WorkspaceError):
            library.rename_run(copy, name)

    id = library.delete_run(trained)
    assert [run.id for run in services.training.runs()] == [copy]
    library.rename_run(copy, "Best so far")
    assert library.restore(id)[:3] == ("run", "toy", "Best so far 2")
    after = services.training.status(trained)
    assert after.history == before.history
    services.training.resume(copy, 0.001)
    assert services.training.wait(30)
    assert services.training.status(copy).state == "finished"


def test_a_run_in_training_is_left_alone(services, library):
    run = services.training.start("toy", TINY, 10)
    for change in (lambda: library.delete_run(run), lambda: library.rename_run(run, "x")):
        with pytest.raises(WorkspaceError, match="Stop it first"):
            change()
    services.training.stop()
    services.training.wait(30)
    lock = services.training.open(run).lock()  # as another program does
    with pytest.raises(WorkspaceError, match="Stop it first"):
        library.delete_run(run)
    lock.release()
    library.delete_run(run)
    assert services.training.runs() == []


def test_new_runs_get_names_of_their_own(services):
    names = []
    for _ in range(2):
        names.append(services.training.status(services.training.start("toy", TINY, 0.0001)).run.name)
        services.training.wait(30)
    run = services.training.start("toy", TINY, 0.0001, name="Mein Lauf")
    services.training.wait(30)
    assert [*names, services.training.status(run).run.name] == ["Toy", "Toy 2", "Mein Lauf"]
    with pytest.raises(WorkspaceError, match="already"):
        services.training.start("toy", TINY, 0.0001, name="mein lauf")


def test_a_run_that_cannot_be_read_is_named_and_can_be_deleted(services, library, trained):
    about = services.workspace.runs_dir / trained / "run.json"
    about.write_text('{"format": 99}')
    (services.workspace.effects_dir / "toy" / "effect.json").write_text("{")
    problems = library.problems()
    assert len(problems) == 2
    assert "folder toy cannot be shown" in problems[0] and "damaged" in problems[0]
    assert "newer version" in problems[1]
    id = library.delete_run(trained)
    assert library.restore(id).id == trained
    assert about.read_text() == '{"format": 99}'


def test_storage_adds_up_and_the_trash_can_be_emptied(services, library, trained):
    storage = library.storage()
    assert set(storage.effects) == {"toy"} and set(storage.runs) == {trained}
    assert storage.runs[trained] > 100_000
    assert storage.trash == 0 and storage.free > 0
    parts = storage.effects["toy"] + storage.runs[trained] + storage.trash + storage.cache
    assert 0 <= storage.total - parts < 1000
    library.delete_run(trained)
    assert library.storage().trash > 100_000
    assert library.empty_trash(timedelta(hours=1)) == 0
    assert library.empty_trash() > 100_000
    assert library.storage().trash == 0
    assert library.trash() == []


def test_what_is_deleted_for_good_leaves_no_picture_behind(services, library, trained):
    other = shutil.copytree(services.workspace.runs_dir / trained, services.workspace.runs_dir / "other").name
    stays, goes = (services.timelines.folder(services.training.status(run)) for run in (trained, other))
    services.workspace.thumbnail(services.training.pairs(other)[0].source)
    assert next(goes.rglob("*.png")).stat().st_nlink == 2  # so its bytes stay as long as this one does
    shown = services.workspace.thumbnail(services.workspace.pairs("toy")[0].source)
    library.delete_run(other)
    library.empty_trash()
    assert not goes.exists() and list(stays.rglob("*.png"))
    assert list(services.workspace.thumbnails_dir.iterdir()) == []
    assert services.workspace.thumbnail(services.workspace.pairs("toy")[0].source) == shown and shown.is_file()
    assert services.timelines.folder(services.training.status(trained)) == stays


def test_previews_of_a_run_that_comes_back_come_back(services, library, trained):
    place = services.timelines.folder(services.training.status(trained))
    pictures = sorted(place.rglob("*.png"))
    trashed = library.delete_run(trained)
    services.timelines.prune()
    assert not place.exists()
    library.restore(trashed)
    assert services.timelines.folder(services.training.status(trained)) == place
    assert sorted(place.rglob("*.png")) == pictures


def test_cards_of_runs(services, library, trained):
    copy = library.duplicate_run(trained)
    listing = services.training.listing()
    new, old = services.cards.of(listing.statuses, listing)
    assert (new.run.id, new.state, new.best_psnr, new.thumbnail) == (copy, "untrained", None, None)
    history = services.training.status(trained).history
    assert old.best_psnr == history.best.psnr and old.last_psnr == history.previews[-1].psnr
    assert old.is_held_out and old.unedited_psnr < old.best_psnr
    assert (old.run.effect, old.state, old.seconds) == ("toy", "finished", history.seconds)
    assert old.thumbnail.is_relative_to(services.workspace.thumbnails_dir) and old.thumbnail.is_file()
    last = history.previews[-1]
    preview = services.training.open(trained).preview_path(last.step, last.pictures[0])
    assert old.thumbnail.samefile(preview), "it is small already"
    assert services.workspace.thumbnails.linked(preview) == old.thumbnail
    assert old.bytes == library.storage().runs[trained]


def test_two_who_take_one_name_at_the_same_time(services):
    results, barrier = [], threading.Barrier(4)

    def create():
        barrier.wait()
        try:
            results.append(services.workspace.create_effect("Hats").slug)
        except WorkspaceError:
            results.append(None)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [None, None, None, "hats"]


def test_every_file_says_its_format(services, library, trained):
    library.remove_pairs("toy", ["0000"])
    services.workspace.store("toy").set_held_out([])
    services.training.resume(trained, 0.001)
    services.training.wait(30)
    files = list(services.workspace.root.rglob("*.json"))
    names = {"workspace.json", "effect.json", "pairs.json", "run.json", "config.json", "manifest.json", "trash.json"}
    assert {path.name for path in files} >= names
    for path in files:
        if path.parent.name != trained or path.name == "manifest.json":  # the run was made elsewhere
            assert json.loads(path.read_text())["format"] >= 1, path
