import pytest

from editor.workspace import space as space_module
from editor.workspace.space import Space, SpaceError


def test_a_limit_counts_what_is_there_and_what_is_coming(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"x" * 600)
    space = Space(tmp_path, max_bytes=1000)
    space.require(400)
    with pytest.raises(SpaceError, match="--workspace-limit"):
        space.require(401)
    Space(tmp_path).require(10**6)


def test_what_is_coming_must_leave_the_disk_some_room(tmp_path, monkeypatch):
    monkeypatch.setattr(space_module, "MIN_FREE_BYTES", 0)
    Space(tmp_path).require()
    with pytest.raises(SpaceError, match="must stay free"):
        Space(tmp_path).require(10**18)


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
def test_a_limit_is_a_positive_number(tmp_path, limit):
    with pytest.raises(SpaceError, match="greater than zero"):
        Space(tmp_path, max_bytes=limit)


def test_what_was_let_in_counts_at_once(tmp_path):
    """Not only at the next look at the disk: a browser sends many files within that time."""
    space = Space(tmp_path, max_bytes=1000)
    space.require(600)
    with pytest.raises(SpaceError):
        space.require(600)
