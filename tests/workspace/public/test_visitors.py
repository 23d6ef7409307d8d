import os
import shutil
import time
from pathlib import Path

import pytest

from editor.errors import UserError
from editor.pairs.errors import PairError
from editor.samples.catalog import SAMPLES
from editor.workspace import Services, Visitors, Workspace, WorkspaceError
from editor.workspace.imports import Waiting
from tests.conftest import TINY, draw_toy_pair
from tests.disk import failing_disk
from tests.services import open_services, open_visitors
from tests.waiting import wait_until

LONG = 10  # minutes, for runs that the test stops


@pytest.fixture
def visitors(tmp_path):
    with open_visitors(tmp_path / "public", pairs=4, effects=2, runs=2, minutes=LONG, loaded=2, visitors=3) as visitors:
        yield visitors


@pytest.fixture
def ada():
    return Visitors.new_secret()


@pytest.fixture
def eve():
    return Visitors.new_secret()


def names(visitors, secret):
    with visitors.services_of(secret) as services:
        return {effect.name for effect in services.workspace.effects()}


def test_secrets_cannot_be_guessed_and_do_not_show_in_paths(visitors, ada, eve):
    assert Visitors.is_secret(ada) and ada != eve
    for other in ("", "../../x", ada[:-1], ada + "x", ada[:-1] + "/", "x" * 42 + "\n"):
        assert not Visitors.is_secret(other)
    with visitors.services_of(ada) as services:
        assert ada not in str(services.root) and ada not in str(services.workspace.cache_dir)


def test_everybody_may_try_the_run_that_comes_along_and_go_on_with_it(tmp_path, ada, eve):
    with open_visitors(tmp_path / "public") as visitors:
        shutil.copytree(SAMPLES[0].run, visitors.root / "template" / "runs" / "sample")
        (visitors.root / "template" / "runs" / "sample" / ".lock").touch()
        folders = []
        for secret in (ada, eve):
            with visitors.services_of(secret) as services:
                assert services.editing.version("sample")
                folders.append(services.training.open("sample"))
        mine, other = folders
        assert not (mine.path / ".lock").exists()  # else one who trains would keep all others from it
        before = other.events_path.read_text()
        with mine.events_path.open("a") as file:  # as training does
            file.write("{}\n")
        assert other.events_path.read_text() == before


def test_nobody_sees_what_another_one_has(visitors, ada, eve):
    with visitors.services_of(ada) as services:
        services.workspace.create_effect("Private")
        services.library.remove_pairs("toy", ["0000"])
        thumbnail = services.workspace.thumbnail(services.workspace.pairs("toy")[0].source)
        run = services.training.start("toy", TINY, 0.02)
    assert names(visitors, ada) == {"Toy", "Private"} and names(visitors, eve) == {"Toy"}
    with visitors.services_of(eve) as services:
        assert len(services.workspace.pairs("toy")) == 3
        assert services.training.runs() == [] and services.training.active is None
        with pytest.raises(WorkspaceError):
            services.training.status(run)
        with pytest.raises(WorkspaceError):
            services.training.stop()
        assert not services.workspace.is_upload(thumbnail)
    assert visitors.owns(ada, thumbnail) and not visitors.owns(eve, thumbnail) and not visitors.owns(None, thumbnail)
    detour = thumbnail.parents[2] / "nobody" / ".." / thumbnail.relative_to(thumbnail.parents[2])
    assert not visitors.owns(eve, detour)
    for path in ("0a1b/of-an-upload-that-is-just-coming-in.png", "visitors", f"visitors/{'0' * 40}/x.png"):
        assert not visitors.owns(eve, visitors.root / "cache" / path)


def test_what_a_new_visitor_changes_stays_with_them(visitors, ada, eve):
    """New workspaces share the template's files on disk, which nobody may change."""
    with visitors.services_of(ada) as services:
        services.library.rename_effect("toy", "Mine")
        services.library.rename_pair("toy", "0000", "mine")
        services.workspace.store("toy").set_held_out(["mine"])
    assert names(visitors, eve) == {"Toy"}
    with visitors.services_of(eve) as services:
        assert [pair.name for pair in services.workspace.pairs("toy")] == ["0000", "0001", "0002"]


def test_an_upload_goes_where_only_its_visitor_can_name_it(visitors, ada, eve):
    place = visitors.root / "cache" / "same-for-all" / "photo.png"
    places = []
    for secret in (ada, eve):
        place.parent.mkdir(exist_ok=True)
        draw_toy_pair(0)[0].save(place)
        (moved,) = visitors.move_uploads(secret, [place])
        places.append(moved)
        with visitors.services_of(secret) as services:
            assert services.workspace.is_upload(moved) and moved.name == "photo.png"
    assert not place.exists() and places[0] != places[1]
    assert not visitors.owns(eve, places[0])


def test_what_waits_to_be_added_is_found_by_its_visitor_only(visitors, ada, eve):
    """Not even under its key, should anybody ever learn one."""
    with visitors.services_of(ada) as services:
        upload = services.workspace.new_cache_folder("uploads") / "x.png"
        draw_toy_pair(0)[0].save(upload)
        with services.imports.locked("key") as files:
            files.add([(upload, "x.png")])
        assert services.imports.newest() == "key"
        folder = services.workspace.cache_dir / "imports"
    with visitors.services_of(eve) as services:
        assert services.imports.newest() is None and services.imports.peek("key") == Waiting()
        with services.imports.locked("key") as files:
            assert files.plan is None
    assert not visitors.owns(eve, next(folder.rglob("*")))
    with visitors.services_of(ada) as services:
        assert services.imports.peek("key").plan.left_over


def test_limits_are_told_in_words(visitors, ada):
    with visitors.services_of(ada) as services:
        store = services.workspace.store("toy")
        store.add("fourth", *draw_toy_pair(4))
        with pytest.raises(UserError, match="at most 4 pairs"):
            store.add("fifth", *draw_toy_pair(5))
        services.workspace.create_effect("Second")
        with pytest.raises(UserError, match="at most 2 effects"):
            services.workspace.create_effect("Third")
        with pytest.raises(UserError, match="at most 10 minutes"):
            services.training.start("toy", TINY, 10.5)
        services.training.start("toy", TINY, 0.001)
        services.training.wait(20)
        services.library.duplicate_run(services.training.runs()[0].id)
        with pytest.raises(UserError, match="at most 2 runs"):
            services.library.duplicate_run(services.training.runs()[0].id)


def test_a_visitor_fills_only_what_is_theirs(tmp_path, ada, eve):
    with open_visitors(tmp_path / "public", megabytes=0.5) as visitors:
        with visitors.services_of(ada) as services:
            (services.workspace.cache_dir / "large").write_bytes(bytes(600_000))
        with pytest.raises(UserError, match="may take 0 MB here|may take 1 MB here"):
            visitors.require_space(ada, 0)
        visitors.require_space(eve, 0)


def test_trainings_wait_for_their_turn_whoever_asks(visitors, ada, eve):
    with visitors.services_of(ada) as first, visitors.services_of(eve) as second:
        one = first.training.start("toy", TINY, LONG)
        wait_until(lambda: first.training.queue_position is None)
        two = second.training.start("toy", TINY, LONG)
        assert second.training.queue_position.position == 1 and 300 < second.training.queue_position.seconds <= 601
        assert second.training.status(two).state == "queued"
        with pytest.raises(WorkspaceError, match="already in progress"):
            second.training.start("toy", TINY, LONG)
        first.training.stop()
        wait_until(lambda: second.training.status(two).state in ("waiting", "running"))
        assert first.training.status(one).state == "stopped"
        second.training.stop()
        second.training.wait(20)


def test_a_run_whose_turn_comes_during_a_look_is_not_missed(visitors, ada, eve, monkeypatch):
    with visitors.services_of(ada) as first, visitors.services_of(eve) as second:
        first.training.start("toy", TINY, LONG)
        wait_until(lambda: first.training.queue_position is None)
        run, queue = second.training.start("toy", TINY, LONG), second.training._queue
        place = queue.position

        def place_later(ticket):
            first.training._runner.control.stop()
            wait_until(lambda: place(ticket) is None)

        monkeypatch.setattr(queue, "position", place_later)
        assert second.training.active == run
        second.training.stop()


def test_who_waits_may_leave_and_begin_again(visitors, ada, eve):
    with visitors.services_of(ada) as first, visitors.services_of(eve) as second:
        first.training.start("toy", TINY, LONG)
        wait_until(lambda: first.training.queue_position is None)
        run = second.training.start("toy", TINY, LONG)
        second.training.stop()
        assert second.training.active is None and second.training.status(run).state == "untrained"
        assert not second.training.status(run).is_live
        second.training.resume(run, LONG)
        assert second.training.status(run).state == "queued"
        second.training.stop()
        first.training.stop()


def test_where_the_queue_is_full_no_run_is_left_behind(tmp_path, ada, eve):
    with open_visitors(tmp_path / "public", waiting=0) as visitors, visitors.services_of(ada) as first:
        run = first.training.start("toy", TINY, 1)
        wait_until(lambda: first.training.status(run).state == "running")
        with visitors.services_of(eve) as second, pytest.raises(WorkspaceError, match="Too many trainings"):
            second.training.start("toy", TINY, 1)
        assert second.training.runs() == [] and second.training.active is None


def test_only_so_many_are_in_memory_and_the_others_keep_their_files(visitors, ada, eve):
    third = Visitors.new_secret()
    with visitors.services_of(ada) as services:
        services.workspace.create_effect("Private")
    names(visitors, eve)
    assert names(visitors, third) == {"Toy"}
    with visitors.services_of(third), visitors.services_of(eve), pytest.raises(WorkspaceError, match="Too many people"):
        names(visitors, ada)
    assert names(visitors, ada) == {"Toy", "Private"}
    with pytest.raises(WorkspaceError, match="too many visitors"):
        names(visitors, Visitors.new_secret())


def test_who_stays_away_is_forgotten_with_all_their_files(visitors, ada, eve):
    for secret in (ada, eve):
        with visitors.services_of(secret) as services:
            services.workspace.create_effect("Private")
            root, cache = services.root, services.workspace.cache_dir
            if secret == ada:
                gone = root, cache
    visitors.clean()
    assert names(visitors, ada) == {"Toy", "Private"}
    let_pass(visitors, 25)
    assert names(visitors, eve) == {"Toy", "Private"}  # she comes just in time
    visitors.clean()
    assert not gone[0].exists() and not gone[1].exists()
    assert names(visitors, ada) == {"Toy"} and names(visitors, eve) == {"Toy", "Private"}


def let_pass(visitors, hours):
    """As if the app had been running for so long."""
    visitors._uptime._before += 3600 * hours


def test_hours_of_running_add_up_over_starts(tmp_path, ada, eve):
    place = tmp_path / "public"
    for start in range(3):
        with open_visitors(place) as visitors:
            assert names(visitors, eve) == ({"Toy", "Private"} if start else {"Toy"})
            if not start:
                for secret in (ada, eve):
                    with visitors.services_of(secret) as services:
                        services.workspace.create_effect("Private")
            let_pass(visitors, 9)
    assert names_on_disk(place) == 2
    with open_visitors(place) as visitors:
        assert names_on_disk(place) == 1 and names(visitors, eve) == {"Toy", "Private"}
        assert names(visitors, ada) == {"Toy"}


def names_on_disk(place):
    return len(list((place / "visitors").glob("[!.]*")))


@pytest.mark.parametrize("years", [30, -30])
@pytest.mark.parametrize("is_of_before", [False, True])
def test_a_clock_that_is_set_deletes_nothing(tmp_path, ada, monkeypatch, years, is_of_before):
    """Whether it jumps while the app is running or between two starts, and whoever wrote the folder."""
    place, now = tmp_path / "public", time.time()
    with open_visitors(place) as visitors:
        with visitors.services_of(ada) as services:
            services.workspace.create_effect("Private")
            path = services.root
        monkeypatch.setattr(time, "time", lambda: now + years * 365 * 86_400)
        visitors.clean()
        assert names(visitors, ada) == {"Toy", "Private"}
    if is_of_before:  # versions before this one went by the time of the folder
        (path / "visit.json").unlink()
    os.utime(path, (now - 1e8, now - 1e8))
    with open_visitors(place) as visitors:
        assert names(visitors, ada) == {"Toy", "Private"}


def test_an_app_that_is_not_public_is_kept_out_too(tmp_path):
    """It would sweep the visitors' cache while they use it."""
    with open_visitors(tmp_path / "public"), pytest.raises(WorkspaceError, match="open in another"):
        Services(Workspace(tmp_path / "public"), device="cpu")
    with open_services(tmp_path / "private") as services, pytest.raises(WorkspaceError, match="open in another"):
        Visitors(services.root, device="cpu")
    Visitors(tmp_path / "public", device="cpu").close()


def test_a_full_disk_turns_nobody_away_for_a_visit_that_cannot_be_noted(visitors, ada):
    names(visitors, ada)
    let_pass(visitors, 1)
    with failing_disk(1, is_lasting=True) as disk:
        assert names(visitors, ada) == {"Toy"}
    assert disk.failed
    assert all(visitor.num_requests == 0 for visitor in visitors._loaded.values())


def test_a_page_belongs_to_whoever_opened_it(visitors, ada, eve, monkeypatch):
    nobody, of_ada, of_eve = (visitors.name_of(secret) for secret in (None, ada, eve))
    pages = visitors.pages
    assert pages.owner("one") is None
    assert pages.register("one", of_ada) == [] and pages.register("one", of_ada) == []
    assert pages.register("one", of_eve) is None and pages.register("one", nobody) is None
    assert pages.owner("one") == of_ada
    monkeypatch.setattr("editor.workspace.public.pages.MAX_PAGES", 5)
    for number in range(20):  # no number of pages takes the memory
        assert pages.register(f"page {number}", of_ada if number % 2 else of_eve) is not None
    assert len(pages._owners) == 5
    assert sum(map(len, pages._of.values())) == 5


def test_of_too_many_pages_those_of_the_same_visitor_are_forgotten(visitors, ada, eve):
    of_ada, of_eve = visitors.name_of(ada), visitors.name_of(eve)
    limit = visitors.limits.pages
    assert visitors.pages.register("hers", of_ada) == []
    forgotten = [page for number in range(520) for page in visitors.pages.register(f"page {number}", of_eve)]
    assert forgotten == [f"page {number}" for number in range(520 - limit)]
    assert visitors.pages.register("page 519", of_eve) == [] and visitors.pages.owner("hers") == of_ada
    visitors.pages.register(f"page {520 - limit}", of_eve)  # which was the next to be forgotten
    assert visitors.pages.register("one more", of_eve) == [f"page {521 - limit}"]


@pytest.mark.parametrize("way", ["/x\0", "/\ud800", "/" + "x" * 4000, "a\\b", "//", "/proc/self/cwd/../x"])
def test_odd_paths_belong_to_nobody_or_are_no_secret(visitors, ada, way):
    assert visitors.owns(ada, Path(way)) in (True, False)


def test_limits_hold_for_what_comes_back_from_the_trash(visitors, ada):
    """Else whoever deletes, makes new ones and restores would have any number."""
    with visitors.services_of(ada) as services:
        library = services.library
        services.workspace.create_effect("Second")
        effect = library.delete_effect("second")
        services.workspace.create_effect("Third")
        with pytest.raises(WorkspaceError, match="at most 2 effects"):
            library.restore(effect)
        pairs = library.remove_pairs("toy", ["0000", "0001"])
        for seed in range(3):
            services.workspace.store("toy").add("new", *draw_toy_pair(seed))
        with pytest.raises(PairError, match="at most 4 pairs"):
            library.restore(pairs)
        run = services.training.start("toy", TINY, 0.001)
        wait_until(lambda: services.training.active is None)
        trashed = library.delete_run(run)
        other = services.training.start("toy", TINY, 0.001)
        wait_until(lambda: services.training.active is None)
        library.duplicate_run(other)
        with pytest.raises(WorkspaceError, match="at most 2 runs"):
            library.restore(trashed)
        assert {entry.id for entry in library.trash()} == {effect, pairs, trashed}


def test_files_outlive_the_process_and_a_second_one_is_kept_out(tmp_path, ada):
    with open_visitors(tmp_path / "public") as visitors:
        with visitors.services_of(ada) as services:
            services.workspace.create_effect("Private")
        with pytest.raises(WorkspaceError, match="open in another"):
            Visitors(tmp_path / "public", device="cpu")
    with open_visitors(tmp_path / "public") as visitors:
        assert names(visitors, ada) == {"Toy", "Private"}
