import json

import pytest

from editor.image_files import save_png
from editor.workspace import Workspace
from tests.conftest import draw_toy_pair, fill_with_toy_pairs


@pytest.fixture
def closed(tmp_path):
    """A workspace that nobody has open, with an effect of three pairs."""
    workspace = Workspace(tmp_path / "workspace")
    workspace.open().release()
    workspace.create_effect("Toy", fill=lambda store: fill_with_toy_pairs(store, 3))
    return workspace


def test_what_is_not_whole_is_removed_and_the_rest_is_kept(closed, fresh_run):
    (closed.runs_dir / "run").mkdir()
    unfinished = [
        closed.root / ".a.tmp",
        closed.effects_dir / "toy" / "source" / ".b.tmp",
        closed.effects_dir / ".c.tmp" / "source" / "x.png",
        closed.runs_dir / ".d.tmp" / "config.json",
        closed.runs_dir / "run" / "previews" / "0000001" / ".e.tmp",
        closed.runs_dir / "run" / ".f.tmp",
        closed.thumbnails_dir / ".g.tmp",
    ]
    kept = [closed.effects_dir / "toy" / "source" / name for name in (".DS_Store", "x.tmp", "0001.png")]
    for path in (*unfinished, *kept[:2]):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    closed.open().release()
    assert not [path for path in unfinished if path.exists()]
    assert not (closed.effects_dir / ".c.tmp").exists() and not (closed.runs_dir / ".d.tmp").exists()
    assert all(path.exists() for path in kept)


def test_a_run_that_another_program_trains_is_left_alone(closed, fresh_run):
    fresh_run.path.rename(closed.runs_dir / "cli")
    half = closed.runs_dir / "cli" / ".a.tmp"
    half.write_text("being written")
    lock = type(fresh_run).open(closed.runs_dir / "cli").lock()
    closed.open().release()
    assert half.exists()
    lock.release()
    closed.open().release()
    assert not half.exists()


def test_half_a_pair_becomes_whole(closed):
    store = closed.store("toy")
    source, target = (side / ".new.tmp" for side in (store.source_dir, store.target_dir))
    for picture, path in zip(draw_toy_pair(7), (source, target)):
        save_png(picture, path)
    moves = [["source/.new.tmp", "source/new.png"], ["target/.new.tmp", "target/new.png"]]
    (store.directory / ".moves.json").write_text(json.dumps({"format": 1, "moves": moves}))
    source.rename(store.source_dir / "new.png")  # so far it came
    assert [pair.name for pair in store.pairs()] == ["0000", "0001", "0002"]
    closed.open().release()
    assert [pair.name for pair in store.pairs()] == ["0000", "0001", "0002", "new"]
    assert store.problems() == []
    assert not list(store.directory.rglob(".*"))
