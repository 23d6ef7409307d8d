"""Hostile and damaged zip files and folders of pairs: nothing is ever written outside the store."""

import struct
import tracemalloc
import warnings
import zipfile
from io import BytesIO
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.errors import UserError
from editor.pairs.importing.collecting import collect
from editor.pairs.importing.importer import store_plan
from editor.pairs.store import PairStore
from editor.workspace.imports import called
from tests.faults.pictures import BOMBS, NOISE, NOT_PICTURES, WHOLE, encoded
from tests.faults.sentences import check_sentence, fingerprint
from tests.pairs.importing.bringing import bring_sides, bring_zip, understood

PICTURE = encoded(NOISE, "PNG")


def packed(entries: list[tuple[str, bytes]], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(data, "w", compression) as archive:
        warnings.simplefilter("ignore")  # two entries of one name
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return data.getvalue()


def pair(name: str, source: bytes = PICTURE, target: bytes = PICTURE) -> list[tuple[str, bytes]]:
    return [(f"source/{name}", source), (f"target/{name}", target)]


def link(name: str, goal: str) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for side in ("source", "target"):
            info = zipfile.ZipInfo(f"{side}/{name}")
            info.create_system, info.external_attr = 3, 0o120777 << 16
            archive.writestr(info, goal)
    return data.getvalue()


def flagged(place: int, value: bytes) -> bytes:
    """A good archive with some bytes of every entry's records changed: `place` is that of the central record."""
    data = bytearray(packed(pair("a.png")))
    for signature, offset in ((b"PK\x01\x02", place), (b"PK\x03\x04", place - 2)):
        start = data.find(signature)
        while start >= 0:
            data[start + offset : start + offset + len(value)] = value
            start = data.find(signature, start + 4)
    return bytes(data)


def endless(count: int) -> bytes:
    """An index of so many files that nothing else is there, in the form for large archives."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, *[0] * 6) + b"a"
    size = len(entry) * count
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, 0)
    end += struct.pack("<4sLQL", b"PK\6\7", 0, size, 1)
    end += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return entry * count + end


ARCHIVES = {
    "empty-file": b"",
    "no-zip": b"hello",
    "only-the-end": b"PK\x05\x06" + b"\0" * 18,
    "half": packed(pair("a.png"))[:-40],
    "cut-in-front": packed(pair("a.png"))[40:],
    "no-entries": packed([]),
    "no-sides": packed([("a.png", PICTURE)]),
    "no-partner": packed(pair("a.png")[:1]),
    "no-pictures": packed(pair("a.txt")),
    "parent": packed(pair("../../../a.png")),
    "parent-of-everything": packed([(f"../../{side}/a.png", PICTURE) for side in ("source", "target")]),
    "absolute": packed([(f"/{side}/a.png", PICTURE) for side in ("source", "target")]),
    "drive": packed([(f"C:\\{side}\\a.png", PICTURE) for side in ("source", "target")]),
    "backslashes-up": packed([(f"..\\..\\{side}\\a.png", PICTURE) for side in ("source", "target")]),
    "only-a-suffix": packed(pair(".png")),
    "link-to-passwd": link("a.png", "/etc/passwd"),
    "link-up": link("a.png", "../../../secret.png"),
    "encrypted": flagged(8, b"\x01\x00"),
    "unknown-compression": flagged(10, struct.pack("<H", 77)),
    "bzip2": packed(pair("a.png"), zipfile.ZIP_BZIP2),
    "lzma": packed(pair("a.png"), zipfile.ZIP_LZMA),
    "claims-4-GB": flagged(24, struct.pack("<I", 2**32 - 2)),
    "claims-nothing": flagged(24, b"\0\0\0\0"),
    "wrong-checksum": flagged(16, b"\xff\xff\xff\xff"),
    "not-deflate": packed(pair("a.png")).replace(PICTURE[:8], b"XXXXXXXX"),
    "zeros-65-MB": packed(pair("a.png", target=b"\0" * (65 * 2**20))),
    "zip-in-zip": packed([(f"{side}/a.zip", packed(pair("a.png"))) for side in ("source", "target")]),
    "no-name": flagged(28, b"\0"),
    "of-a-later-version": flagged(6, b"\x40\x00"),
    "name-not-utf-8": flagged(8, b"\x00\x08").replace(b"a.png", b"\xff.png"),
    "too-many": packed([(f"x{n}.txt", b"") for n in range(20_001)], zipfile.ZIP_STORED),
    "endless-index": endless(300_000),
    "other-shape": packed(pair("a.png", target=encoded(NOISE.rotate(90, expand=True), "PNG"))),
    **{f"bomb-{name}": packed(pair("a.png", target=data)) for name, data in BOMBS.items()},
    **{
        f"picture-{name}": packed(pair("a.png", source=NOT_PICTURES[name]))
        for name in ("empty", "html", "png-bad-zlib")
    },
}


@pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES)
def test_a_bad_archive_adds_nothing_and_says_why(tmp_path, tmp_path_factory, data):
    store = PairStore(tmp_path / "deep" / "effect")
    (tmp_path / "pairs.zip").write_bytes(data)
    before = fingerprint(tmp_path)
    scratch = tmp_path_factory.mktemp("scratch")
    plan = understood({PurePosixPath("pairs.zip"): tmp_path / "pairs.zip"}, scratch)
    report = store_plan(store, plan, label=called)
    assert report.added == []
    # Where there is no pair at all, the page says what became of every file, clutter or not.
    told = report.problems or [f"{item.path}: {item.reason}" for item in plan.left_over]
    assert told
    for problem in told:
        check_sentence(problem)
        assert str(tmp_path) not in problem
    assert fingerprint(tmp_path) == before
    assert all(path.parent == scratch for path in scratch.rglob("*"))


def test_an_endless_index_takes_no_memory(tmp_path):
    """The module that reads it would make an object of every entry, some GB of them, before anybody can count."""
    (tmp_path / "pairs.zip").write_bytes(endless(1_000_000))
    tracemalloc.start()
    try:
        (problem,) = bring_zip(PairStore(tmp_path / "effect"), tmp_path / "pairs.zip").problems
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
    assert "more than 20000 files" in check_sentence(problem)


def test_what_an_archive_unpacks_to_counts(tmp_path):
    """A megabyte of zeros packed is a gigabyte: whoever has a limit has it for what comes out."""

    def require_space(coming):
        assert coming == 2 * 30 * 2**20
        raise UserError("Your files may take no more.")

    data = packed(pair("a.png", source=PICTURE.ljust(30 * 2**20, b"\0"), target=PICTURE.ljust(30 * 2**20, b"\0")))
    (tmp_path / "pairs.zip").write_bytes(data)
    assert len(data) < 2**20
    (tmp_path / "scratch").mkdir()
    files = {PurePosixPath("pairs.zip"): tmp_path / "pairs.zip"}
    collected = collect(files, tmp_path / "scratch", require_space)
    (left_over,) = collected.left_over
    assert "Your files may take no more." in check_sentence(left_over.reason)
    assert not list((tmp_path / "scratch").iterdir())


@given(edits=st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)), min_size=1, max_size=8))
def test_an_archive_with_wrong_bytes_adds_pairs_or_says_why(tmp_path, edits):
    """All edits are in the records of the archive, at its end, or in the header of its first entry."""
    data = bytearray(packed(pair("a.png")))
    for place, value in edits:
        data[place - 360] = value
    (tmp_path / "pairs.zip").write_bytes(data)
    report = bring_zip(PairStore(tmp_path / "effect"), tmp_path / "pairs.zip")
    assert report.added or report.problems
    for problem in report.problems:
        check_sentence(problem)


NAMES = [
    "a" * 300,
    "ä" * 200,
    "CON",
    "a\u202egnp.exe",
    "<img src=x onerror=alert(1)>",
    "a;rm -rf ~",
    "$(reboot)",
    "%2e%2e%2f",
    "....",
    " ",
    "\u0000b",
    "👩‍🎨",
    "a\nb",
    "-rf",
    "~",
    "NUL.png.png",
]


@pytest.mark.parametrize("name", NAMES, ids=[str(number) for number in range(len(NAMES))])
def test_odd_names_stay_in_the_store(tmp_path, name):
    store = PairStore(tmp_path / "deep" / "effect")
    (tmp_path / "pairs.zip").write_bytes(packed(pair(f"{name}.png")))
    report = bring_zip(store, tmp_path / "pairs.zip")
    for problem in report.problems:
        check_sentence(problem)
    places = {path.parent for path in tmp_path.rglob("*.png")}
    assert places <= {store.source_dir, store.target_dir}
    for added in report.added:
        assert len(added.encode()) < 250 and not set(added) & set("/\\<>:\0\n")


@pytest.mark.parametrize("kind", ["empty", "html", "png-bad-zlib", "tiff-loop", "pickle"])
def test_a_bad_upload_loses_only_its_pair(tmp_path, kind):
    store = PairStore(tmp_path / "effect")
    sides = []
    for side in ("before", "after"):
        (tmp_path / side).mkdir()
        files = [tmp_path / side / name for name in ("good.png", "bad.png", "also-good.jpg")]
        for file in files:
            file.write_bytes(WHOLE["jpeg"] if file.suffix == ".jpg" else PICTURE)
        sides.append(files)
    sides[1][1].write_bytes(NOT_PICTURES[kind])
    report = bring_sides(store, *sides)
    assert report.added == ["also-good", "good"]
    (problem,) = report.problems
    assert "bad.png" in check_sentence(problem)
