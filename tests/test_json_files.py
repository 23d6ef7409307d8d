import json

import pytest

from editor.json_files import JsonFileError, JsonFormat, NewerFileError
from tests.disk import failing_disk

FIRST = JsonFormat()
THIRD = JsonFormat(
    upgrades=(
        lambda values: {"name": values["title"]},
        lambda values: {**values, "color": "red"},
    )
)


def test_what_is_written_is_read_back(tmp_path):
    path = tmp_path / "about.json"
    FIRST.write(path, {"name": "Zoë 🎩"})
    assert FIRST.read(path) == {"name": "Zoë 🎩"}
    assert json.loads(path.read_text(encoding="utf-8")) == {"format": 1, "name": "Zoë 🎩"}


@pytest.mark.parametrize("text", ['{"format": 1, "title": "Hats"}', '{"title": "Hats"}'])
def test_older_files_are_understood_and_left_alone(tmp_path, text):
    path = tmp_path / "about.json"
    path.write_text(text)
    assert THIRD.read(path) == {"name": "Hats", "color": "red"}
    assert path.read_text() == text
    path.write_text('{"format": 2, "name": "Hats"}')
    assert THIRD.read(path) == {"name": "Hats", "color": "red"}


def test_newer_files_are_neither_read_nor_written_over(tmp_path):
    path = tmp_path / "about.json"
    path.write_text('{"format": 4, "shape": "round"}')
    for use in (lambda: THIRD.read(path), lambda: THIRD.write(path, {"name": "x"})):
        with pytest.raises(NewerFileError, match="newer version of Pairbrush .*Update"):
            use()
    assert path.read_text() == '{"format": 4, "shape": "round"}'


@pytest.mark.parametrize("data", [b"{", b"", b"[]", b"3", b'{"format": "1"}', b'{"format": 0}', b"\xff\xfe{}"])
def test_damaged_files_are_named_and_may_be_replaced(tmp_path, data):
    path = tmp_path / "about.json"
    path.write_bytes(data)
    with pytest.raises(JsonFileError, match=r"about\.json"):
        FIRST.read(path)
    FIRST.write(path, {"name": "x"})
    assert FIRST.read(path) == {"name": "x"}


def test_what_could_not_be_read_again_is_not_written(tmp_path, monkeypatch):
    path = tmp_path / "about.json"
    FIRST.write(path, {"name": "old"})
    monkeypatch.setattr("editor.json_files.MAX_JSON_BYTES", 60)
    with pytest.raises(OSError, match=r"too large: .*about\.json"):
        FIRST.write(path, {"name": "x" * 60})
    assert FIRST.read(path) == {"name": "old"}


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = tmp_path / "about.json"
    FIRST.write(path, {"name": "old"})
    for moment in (1, 2):
        with failing_disk(moment), pytest.raises(OSError, match="No space"):
            FIRST.write(path, {"name": "new"})
        assert FIRST.read(path) == {"name": "old"}
        assert [p.name for p in tmp_path.iterdir()] == ["about.json"]
