import errno
import stat
import zipfile
from io import BytesIO
from types import SimpleNamespace

import pytest
from PIL import Image, features

from editor.pairs.importing import collecting
from editor.pairs.importing.matching import SILENT
from editor.pairs.store import PairStore
from tests.disk import failing_disk
from tests.pairs.importing.bringing import bring, bring_sides, bring_zip, files_of, understood


def png(color="red", size=(4, 4)) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, color).save(data, format="PNG")
    return data.getvalue()


RED, BLUE = png("red"), png("blue")


@pytest.fixture
def store(tmp_path) -> PairStore:
    return PairStore(tmp_path / "effect")


def write(directory, **contents) -> list:
    directory.mkdir(parents=True)
    paths = []
    for name, data in contents.items():
        paths.append(directory / name.replace("__", "."))
        paths[-1].write_bytes(data)
    return paths


def pack(tmp_path, contents: dict[str, bytes], name="pairs.zip"):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in contents.items():
            archive.writestr(path, data)
    return tmp_path / name


def names(store) -> list[str]:
    return [pair.name for pair in store.pairs()]


def test_files_are_matched_by_stem(tmp_path, store):
    sources = write(tmp_path / "a", dog__png=RED, cat__png=RED)
    targets = write(tmp_path / "b", CAT__PNG=BLUE, dog__png=BLUE)
    assert bring_sides(store, sources, targets) == (["cat", "dog"], [])
    with Image.open(store.pairs()[0].target) as image:
        assert image.getpixel((0, 0)) == (0, 0, 255)


def test_accents_match_however_they_are_encoded(tmp_path, store):
    sources = write(tmp_path / "a", **{"Zo\u00eb.png": RED})
    targets = write(tmp_path / "b", **{"Zoe\u0308.png": BLUE})
    assert bring_sides(store, sources, targets).added == ["Zo\u00eb"]


def test_one_bad_file_loses_only_its_pair_and_is_named(tmp_path, store):
    sources = write(tmp_path / "a", good__png=RED, half__png=RED[:48], wide__png=png(size=(8, 4)), lonely__png=RED)
    targets = write(tmp_path / "b", good__png=BLUE, half__png=BLUE, wide__png=BLUE, extra__png=BLUE, good__jpg=BLUE)
    added, problems = bring_sides(store, sources, targets)
    assert added == ["good"] == names(store)
    assert len(problems) == 5
    for words in (
        "half.png (before) is damaged",
        "wide: the picture before is 8 x 4",
        "lonely.png (before) was left out. There is no picture after",
        "extra.png (after) was left out. There is no picture before",
        "good.jpg (after) was left out. after/good.png has the same name",
    ):
        assert sum(words in problem for problem in problems) == 1, words


def test_importing_twice_keeps_both(tmp_path, store):
    sources, targets = write(tmp_path / "a", cat__png=RED), write(tmp_path / "b", cat__png=BLUE)
    bring_sides(store, sources, targets)
    assert bring_sides(store, sources, targets).added == ["cat-2"]


@pytest.mark.parametrize("prefix", ["", "my effect/", "a/b/c/"])
def test_archive_at_any_depth(tmp_path, store, prefix):
    contents = {
        f"{prefix}source/1.png": RED,
        f"{prefix}target/1.png": BLUE,
        f"{prefix}pairs.json": b"{}",
        f"{prefix}README.txt": b"hello",
        f"__MACOSX/{prefix}source/._1.png": b"junk",
        f"{prefix}source/.hidden.png": b"junk",
    }
    assert bring_zip(store, pack(tmp_path, contents)) == (["1"], [])


def test_folder_works_like_an_archive(tmp_path, store):
    write(tmp_path / "mine" / "source", a__png=RED)
    write(tmp_path / "mine" / "target", a__png=BLUE)
    write(tmp_path / "mine" / "other", b__png=BLUE)
    added, problems = bring(store, files_of(tmp_path / "mine"))
    assert added == ["a"]
    assert problems == [f"mine/other/b.png was left out. {SILENT}"]


def test_folders_may_have_other_names(tmp_path, store):
    assert bring_zip(store, pack(tmp_path, {"Before/1.png": RED, "after/1.JPG": BLUE})) == (["1"], [])


@pytest.mark.parametrize(("suffix", "form"), [("jfif", "JPEG"), ("JFIF", "JPEG"), ("avif", "AVIF")])
def test_pictures_by_their_less_common_suffixes(tmp_path, store, suffix, form):
    if form == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    data = BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, format=form)
    sources = write(tmp_path / "a", **{f"cat__{suffix}": data.getvalue()})
    targets = write(tmp_path / "b", cat__png=png("blue", (8, 8)))
    assert bring_sides(store, sources, targets) == (["cat"], [])
    with Image.open(store.pairs()[0].source) as image:
        assert image.size == (8, 8) and image.getpixel((4, 4))[0] > 240


def test_notes_beside_pictures_ask_nothing(tmp_path):
    folder = tmp_path / "mine"
    write(folder / "source", a__png=RED, a__xmp=b"<x:xmpmeta/>", a__txt=b"a cat")
    write(folder / "target", a__png=BLUE, a__aae=b"<plist/>")
    plan = understood(files_of(folder), tmp_path)
    assert plan.is_certain and len(plan.left_over) == 3


def test_nothing_to_import_is_explained(tmp_path, store):
    added, (problem,) = bring_zip(store, pack(tmp_path, {}))
    assert added == [] and "pairs.zip was left out. There is nothing in it." in problem
    added, (problem,) = bring_zip(store, pack(tmp_path, {"cat.png": RED, "dog.png": RED}))
    assert added == [] and "a folder named source" in problem


def test_not_a_zip_and_not_there(tmp_path, store):
    (tmp_path / "a.zip").write_bytes(b"not a zip")
    assert "a.zip is not a zip file" in bring_zip(store, tmp_path / "a.zip").problems[0]
    assert "no file gone.zip" in bring_zip(store, tmp_path / "gone.zip").problems[0]


@pytest.mark.parametrize("error", [OSError(22, "Invalid argument"), ValueError("negative seek value")])
def test_an_index_that_is_said_to_begin_before_the_file_is_damage(tmp_path, store, monkeypatch, error):
    end = b"PK\5\6" + bytes(4) + b"\1\0\1\0" + (5000).to_bytes(4, "little") + bytes(6)
    (tmp_path / "a.zip").write_bytes(b"x" * 40 + end)
    assert "a.zip is not a zip file, or it is damaged" in bring_zip(store, tmp_path / "a.zip").problems[0]

    def seek_before_the_file(reader):  # as older versions of zipfile do
        raise error

    monkeypatch.setattr("editor.pairs.importing.collecting.zipfile.ZipFile", seek_before_the_file)
    assert "a.zip is not a zip file, or it is damaged" in bring_zip(store, tmp_path / "a.zip").problems[0]


@pytest.mark.parametrize("place", ["zipfile.ZipFile", "zipfile.ZipFile.open"])
def test_a_disk_that_fails_is_no_damage_of_the_archive(tmp_path, store, monkeypatch, place):
    path = pack(tmp_path, {"source/1.png": RED, "target/1.png": BLUE})

    def fail(*args):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(f"editor.pairs.importing.collecting.{place}", fail)
    with pytest.raises(OSError, match="Input/output error"):
        bring_zip(store, path)


@pytest.mark.parametrize(
    "path",
    ["../source/evil.png", "/source/evil.png", "source/../../evil.png", "C:/source/evil.png", "..\\source\\evil.png"],
)
def test_paths_that_lead_out_are_refused(tmp_path, store, path):
    contents = {"source/1.png": RED, "target/1.png": BLUE, path: RED}
    before = set(tmp_path.rglob("evil*"))
    added, problems = bring_zip(store, pack(tmp_path, contents))
    assert added == ["1"] == names(store)
    assert any("leads out of the archive" in problem for problem in problems)
    assert set(tmp_path.rglob("evil*")) == before


def test_links_are_refused(tmp_path, store):
    path = pack(tmp_path, {"source/1.png": RED, "target/1.png": BLUE, "target/2.png": BLUE})
    link = zipfile.ZipInfo("source/2.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/hostname")
    added, problems = bring_zip(store, path)
    assert added == ["1"]
    assert any("source/2.png was left out. It is a link" in problem for problem in problems)


def test_encrypted_entry_is_refused(tmp_path, store):
    path = pack(tmp_path, {"source/1.png": RED, "target/1.png": BLUE})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the first entry of the directory
    path.write_bytes(data)
    assert any("source/1.png was left out. It is encrypted" in p for p in bring_zip(store, path).problems)


def test_flipped_bit_loses_one_pair(tmp_path, store):
    path = pack(tmp_path, {f"{side}/{n}.png": RED for n in (1, 2) for side in ("source", "target")})
    data = bytearray(path.read_bytes())
    data[data.index(b"source/1.png") + 12 + 20] ^= 0xFF
    path.write_bytes(data)
    added, problems = bring_zip(store, path)
    assert added == ["2"] and "source/1.png" in problems[0]


def test_one_huge_file_is_left_out(tmp_path, store, monkeypatch):
    monkeypatch.setattr(collecting, "MAX_FILE_BYTES", 2**20)
    bomb = bytes(2**20 + 1)  # packs to about a kilobyte
    contents = {"source/1.png": RED, "target/1.png": BLUE, "source/2.png": bomb, "target/2.png": BLUE}
    added, problems = bring_zip(store, pack(tmp_path, contents))
    assert added == ["1"] and "source/2.png was left out. It unpacks to more than 1 MB" in problems[0]


@pytest.mark.parametrize(("limit", "value", "words"), [("MAX_TOTAL_BYTES", 100, "GB"), ("MAX_ENTRIES", 3, "files")])
def test_huge_archive_is_refused_whole(tmp_path, store, monkeypatch, limit, value, words):
    monkeypatch.setattr(collecting, limit, value)
    contents = {f"{side}/{n}.png": RED for n in (1, 2) for side in ("source", "target")}
    added, problems = bring_zip(store, pack(tmp_path, contents))
    assert added == [] and words in problems[0]


def test_what_is_not_unpacked_does_not_count(tmp_path, store, monkeypatch):
    monkeypatch.setattr(collecting, "MAX_TOTAL_BYTES", 2 * len(RED))
    contents = {"source/1.png": RED, "target/1.png": RED, "notes.txt": bytes(5000)}
    assert bring_zip(store, pack(tmp_path, contents)) == (["1"], [])


def test_a_disk_that_fills_up_while_unpacking_is_not_called_a_bad_archive(tmp_path, store):
    path = pack(tmp_path, {"source/1.png": RED, "target/1.png": BLUE})
    with failing_disk(1), pytest.raises(OSError, match="No space"):
        bring_zip(store, path)


def test_a_full_disk_is_told_before_unpacking(tmp_path, store, monkeypatch):
    monkeypatch.setattr(collecting.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    added, problems = bring_zip(store, pack(tmp_path, {"source/1.png": RED, "target/1.png": BLUE}))
    assert added == [] and "the disk has less room" in problems[0]


def test_announced_size_bounds_what_is_read(tmp_path, store):
    """An entry that lies about its size to slip under the limits is cut there and then fails its checksum."""
    noise = bytes(range(256)) * 64
    path = pack(tmp_path, {"source/1.png": RED + noise, "target/1.png": BLUE})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = len(RED).to_bytes(4, "little")
    path.write_bytes(data)
    added, problems = bring_zip(store, path)
    assert added == [] and "source/1.png was left out. It cannot be unpacked" in problems[0]


def test_full_disk_is_not_hidden(tmp_path, store, monkeypatch):
    def refuse(*_):
        raise OSError("disk full")

    monkeypatch.setattr(PairStore, "add_all", refuse)
    with pytest.raises(OSError, match="disk full"):
        bring_zip(store, pack(tmp_path, {"source/1.png": RED, "target/1.png": BLUE}))
