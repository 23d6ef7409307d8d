import json

import pytest

from editor.json_files import NewerFileError
from editor.training.manifest import DamagedError, intact_version, previous_version, save_version
from tests.disk import failing_disk


def save(path, text):
    save_version(path, lambda place: place.write_bytes(text.encode()))


@pytest.fixture
def weights(tmp_path):
    """A file of which two versions were saved."""
    path = tmp_path / "weights.safetensors"
    save(path, "old")
    save(path, "new")
    return path


def test_two_versions_are_kept(tmp_path, weights):
    save(weights, "newest")
    assert (weights.read_text(), previous_version(weights).read_text()) == ("newest", "new")
    assert intact_version(weights) == weights
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"weights.safetensors", "weights.previous.safetensors", "manifest.json"}


@pytest.mark.parametrize("damage", [lambda path: path.write_text("nEw"), lambda path: path.unlink()])
def test_the_last_good_one_is_used_and_that_is_told(weights, damage, caplog):
    damage(weights)
    assert intact_version(weights).read_text() == "old"
    assert "used instead" in caplog.text
    save(weights, "newest")
    assert intact_version(weights).read_text() == "newest"


def test_when_both_are_damaged_nothing_is_used(weights):
    weights.write_text("nEw")
    previous_version(weights).write_text("")
    with pytest.raises(DamagedError, match="damaged"):
        intact_version(weights)


def test_what_was_saved_without_a_manifest_is_trusted(tmp_path, weights):
    (tmp_path / "manifest.json").unlink()
    weights.write_text("of an older Pairbrush")
    assert intact_version(weights) == weights
    assert intact_version(tmp_path / "nothing") == tmp_path / "nothing"


@pytest.mark.parametrize("is_lasting", [False, True])
def test_a_disk_that_fails_at_any_moment_leaves_what_was_there(weights, is_lasting):
    for moment in range(1, 30):
        with failing_disk(moment, is_lasting=is_lasting) as disk:
            try:
                save(weights, f"version {moment}")
            except OSError:
                assert intact_version(weights).read_text() == "new"
        assert not list(weights.parent.glob(".*"))
        if not disk.failed:
            assert intact_version(weights).read_text() == f"version {moment}"
            return
    pytest.fail("it was never saved")


@pytest.mark.parametrize("has_links", [True, False])
def test_two_files_of_one_version_are_written_once(tmp_path, weights, monkeypatch, has_links):
    if not has_links:
        monkeypatch.setattr("os.link", refuse)
    chosen, texts = tmp_path / "chosen.safetensors", ["second", "first"]
    for text in ("first", "second"):
        save_version(chosen, lambda place: place.write_text(texts.pop()), weights)
        assert intact_version(chosen).read_text() == intact_version(weights).read_text() == text
    assert not texts
    assert previous_version(chosen).read_text() == previous_version(weights).read_text() == "first"
    save(weights, "third")
    assert (intact_version(chosen).read_text(), previous_version(weights).read_text()) == ("second", "second")
    assert not list(tmp_path.glob(".*"))


def refuse(*_):
    raise OSError(95, "Operation not supported")


def test_file_systems_without_links(weights, monkeypatch):
    monkeypatch.setattr("os.link", refuse)
    save(weights, "newest")
    assert (weights.read_text(), previous_version(weights).read_text()) == ("newest", "new")


def test_a_newer_manifest_is_left_alone(tmp_path, weights, caplog):
    text = json.dumps({"format": 2, "sha512": {}})
    (tmp_path / "manifest.json").write_text(text)
    assert intact_version(weights) == weights
    assert "newer version" in caplog.text
    with pytest.raises(NewerFileError):
        save(weights, "newest")
    assert weights.read_text() == "new"
    assert (tmp_path / "manifest.json").read_text() == text
