import zipfile
from contextlib import nullcontext
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from editor.workspace import DownloadItem, NamePattern, WorkspaceError, packed
from editor.workspace import archive as archive_module
from editor.workspace.archive import MAX_ARCHIVES
from editor.workspace.editing import edited_clip
from editor.workspace.space import SpaceError
from tests.conftest import draw_toy_pair

NAMES = NamePattern()


def ask(services, settings, items, format="PNG", names=NAMES):
    return services.archives.add(items, settings, format, names)[1]


def parts_of(services, archive):
    return packed(archive, lambda: nullcontext(services.downloads))


def opened(services, archive):
    return zipfile.ZipFile(BytesIO(b"".join(parts_of(services, archive))))


def picture(archive, name):
    with archive.open(name) as file:
        return np.asarray(Image.open(file))


def test_zip_holds_every_edit_and_names_what_is_missing(services, settings, photos):
    wanted = ask(services, settings, [DownloadItem(photo) for photo in photos])
    assert wanted.name == "toy-edits.zip"
    photos[1].path.unlink()
    archive = opened(services, wanted)
    assert archive.namelist() == ["me-toy.png", "me-toy-2.png", "not-edited.txt"]
    shown = Image.open(services.editing.edit(photos[2], settings).after)
    assert np.array_equal(picture(archive, "me-toy-2.png"), np.asarray(shown))
    (line,) = archive.read("not-edited.txt").decode().splitlines()
    assert "me.jpg" in line


def test_any_program_can_unpack_it(services, settings, photos):
    """Sizes stand before what they are of, for some programs read a stored entry only so."""
    data = b"".join(parts_of(services, ask(services, settings, list(map(DownloadItem, photos)))))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 0x08
            assert data[info.header_offset + 18 :][:4] == info.file_size.to_bytes(4, "little")


def test_a_photo_is_edited_when_its_piece_is_wanted_and_nothing_lies_on_disk(services, settings, photos, monkeypatch):
    """So a hundred photos take the memory of one, and who stops reading stops the work."""
    made = []
    full_size = services.editing.full_size
    monkeypatch.setattr(services.editing, "full_size", lambda *a: made.append(a) or full_size(*a))

    def full(coming=0):
        raise SpaceError("Your files may take no more here.")

    monkeypatch.setattr(services.workspace, "require_space", full)
    before = sorted(services.workspace.cache_dir.rglob("*"))
    parts = parts_of(services, ask(services, settings, list(map(DownloadItem, photos))))
    sizes = []
    for count in (1, 2, 3):
        sizes.append(len(next(parts)))
        assert len(made) == count
    assert max(sizes) < 1.5 * min(sizes)  # no piece holds what was sent before
    assert sorted(services.workspace.cache_dir.rglob("*")) == before


def test_a_correction_is_saved_in_place_of_the_edit(services, settings, photos):
    corrected = DownloadItem(photos[0], corrected=photos[1].path, number=2)
    pattern = NamePattern("{number} {name}")
    archive = opened(services, ask(services, settings, [DownloadItem(photos[2]), corrected], names=pattern))
    assert archive.namelist() == ["001-me.png", "002-me.png"]
    assert np.array_equal(picture(archive, "002-me.png"), np.asarray(Image.open(photos[1].path)))


def test_what_cannot_begin_says_why(services, settings, photos):
    item = DownloadItem(photos[0])
    with pytest.raises(WorkspaceError, match="formats"):
        ask(services, settings, [item], "EXE")
    with pytest.raises(WorkspaceError, match="no longer there"):
        ask(services, replace(settings, run="nobody"), [item])
    photos[0].path.unlink()
    with pytest.raises(WorkspaceError, match="None of the photos"):
        ask(services, settings, [item])


def test_names_in_a_zip_differ_by_more_than_case(services, settings, tmp_path):
    for folder, name in (("a", "Me.jpg"), ("b", "me.jpg"), ("c", "ME.png"), ("d", "Me-2.jpg")):
        (tmp_path / folder).mkdir()
        draw_toy_pair(seed=1, size=64)[0].save(tmp_path / folder / name)
    photos = [services.editing.open_photo(path) for path in sorted(tmp_path.glob("?/*"))]
    names = opened(services, ask(services, settings, [DownloadItem(photo) for photo in photos], "JPEG")).namelist()
    assert len({name.casefold() for name in names}) == 4, names
    assert names[0] == "Me-toy.jpg" and names[1] == "me-toy-2.jpg"


def test_the_last_few_are_remembered_by_keys_that_nobody_guesses(services, settings, photos):
    wanted = [DownloadItem(photos[0])], settings, "PNG", NAMES
    keys = [services.archives.add(*wanted)[0] for _ in range(MAX_ARCHIVES + 1)]
    assert len({*keys}) == len(keys) and min(map(len, keys)) > 30
    assert services.archives.get(keys[0]) is None is services.archives.get("")
    assert all(services.archives.get(key) for key in keys[1:])


def clip_of(photo, content):
    """A photo that stands for a clip with that content."""
    place = photo.path.parent / "clip" / "source.mp4"
    place.parent.mkdir()
    place.write_bytes(content)
    return photo._replace(name="film.mp4", clip=place)


def test_a_clip_that_was_edited_goes_along_piece_by_piece(services, settings, photos, monkeypatch):
    monkeypatch.setattr(archive_module, "PIECE_BYTES", 1000)
    clip = clip_of(photos[1], b"before")
    content = bytes(range(256)) * 40
    edited_clip(clip, settings, None).write_bytes(content)
    items = [DownloadItem(photos[0]), DownloadItem(clip), DownloadItem(photos[2])]
    parts = list(parts_of(services, ask(services, settings, items, "JPEG")))
    assert max(map(len, parts[1:-2])) < 1200 and len(parts) > 10, "never the whole clip at once"
    data = b"".join(parts)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["me-toy.jpg", "film-toy.mp4", "me-toy-2.jpg"]
        assert archive.read("film-toy.mp4") == content
        info = archive.getinfo("film-toy.mp4")
        head = data[info.header_offset + 14 :][:12]  # what stands before the clip, for those who read it in order
        assert head == b"".join(number.to_bytes(4, "little") for number in (info.CRC, len(content), len(content)))
        assert not info.flag_bits & 0x08


def test_a_clip_that_is_not_edited_in_that_way_is_named(services, settings, photos):
    clip = clip_of(photos[1], b"before")
    edited_clip(clip, settings, None).write_bytes(b"after")
    archive = opened(services, ask(services, replace(settings, strength=0.5), [DownloadItem(clip)]))
    assert archive.read("not-edited.txt").decode() == (
        "film.mp4 is a clip that is not edited yet. Show it and edit it first.\n"
    )


def test_who_stops_reading_in_the_middle_of_a_clip_stops_the_work(services, settings, photos, monkeypatch):
    monkeypatch.setattr(archive_module, "PIECE_BYTES", 10)
    clip = clip_of(photos[0], b"before")
    edited_clip(clip, settings, None).write_bytes(b"after" * 10)
    parts = parts_of(services, ask(services, settings, [DownloadItem(clip), DownloadItem(photos[1])]))
    assert b"after" in next(parts)
    parts.close()
