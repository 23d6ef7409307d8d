import json

import pytest
import torch

from editor.data.dataset import PairDataset
from editor.json_files import NewerFileError
from editor.training import registration_file
from editor.training.registration import Registration, apply_registration, find_registration, move
from editor.training.registration_file import kept_registration, read_registration
from tests.training.test_registration import GRID, pairs, scenes


@pytest.fixture
def sets():
    """Pairs to learn from, the targets of which were moved by chance, and one to look at."""
    x = scenes(7)
    vectors = torch.randn(7, 2, 1, 1, generator=torch.Generator().manual_seed(1)) * 0.05
    moved = pairs(x, move(x, vectors.expand(-1, -1, GRID, GRID)))
    return moved[:6], moved[6:]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "registration.json"


def same(a: PairDataset, b: PairDataset) -> bool:
    return (a.pixels.int() - b.pixels.int()).abs().max() <= 1


def test_what_was_found_is_found_once(sets, path, monkeypatch):
    first = kept_registration(path, *sets, "auto")
    assert first.training is not None
    monkeypatch.setattr(registration_file, "find_registration", lambda *_: pytest.fail("it was computed again"))
    again = kept_registration(path, *sets, "auto")
    assert torch.equal(first.training, again.training) and torch.equal(first.held_out, again.held_out)
    monkeypatch.undo()
    kept, fresh = (apply_registration(*sets, found) for found in (again, find_registration(*sets, "auto")))
    assert same(kept.training, fresh.training) and same(kept.held_out, fresh.held_out)
    assert kept.shift == pytest.approx(fresh.shift, abs=1e-5)


def test_nothing_to_move_is_kept_too(sets, path):
    assert kept_registration(path, *sets, "off") == Registration()
    assert read_registration(path, *sets, "off") == Registration()


def test_other_pairs_or_another_mode_are_computed_anew(sets, path):
    training, held_out = sets
    kept_registration(path, *sets, "auto")
    other = PairDataset(training.names, training.pixels.flip(-1))
    assert read_registration(path, other, held_out, "auto") is None
    assert read_registration(path, training, held_out, "on") is None
    assert read_registration(path, training[:5], held_out, "auto") is None
    assert kept_registration(path, training[:5], held_out, "auto").training.shape[0] == 5
    assert read_registration(path, training[:5], held_out, "auto") is not None


@pytest.mark.parametrize(
    "change",
    [
        {"training": [[0.0]]},
        {"training": [["a"] * 50] * 6},
        {"training": [[float("nan")] * 50] * 6},
        {"training": [[1e9] * 50] * 6},
        {"training": [[0.0] * 50] * 5},
        {"training": None},
        {"sha256": 3},
        {"more": 1},
    ],
)
def test_a_damaged_file_is_computed_anew(sets, path, change, monkeypatch):
    found = [
        Registration(*(torch.full((count, 2, GRID, GRID), shift) for count in (6, 1))) for shift in (0.0, 0.125, 0.25)
    ]
    left = iter(found)
    monkeypatch.setattr(registration_file, "find_registration", lambda *_: next(left))
    kept_registration(path, *sets, "auto")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    assert read_registration(path, *sets, "auto") is None
    assert torch.equal(kept_registration(path, *sets, "auto").training, found[1].training)
    path.write_bytes(b"[1, 2")
    assert torch.equal(kept_registration(path, *sets, "auto").training, found[2].training)
    assert not list(left), "each time"


def test_a_newer_file_is_left_alone(sets, path):
    path.write_text('{"format": 99}')
    with pytest.raises(NewerFileError):
        kept_registration(path, *sets, "off")
    assert path.read_text() == '{"format": 99}'


def test_many_pairs_are_fitted_like_few(sets, monkeypatch):
    whole = find_registration(*sets, "on")
    monkeypatch.setattr("editor.training.registration.CHUNK_PIXELS", 2 * 64**2)
    parts = find_registration(*sets, "on")
    torch.testing.assert_close(whole.training, parts.training, atol=1e-5, rtol=0)
    a, b = (apply_registration(*sets, found).training for found in (whole, parts))
    assert same(a, b)
