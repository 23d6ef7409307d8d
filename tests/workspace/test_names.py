import pytest

from editor.config import MAX_NAME
from editor.workspace import WorkspaceError
from editor.workspace.names import clean_name, free_name, free_path, name_key, slugify


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Ink \n drawing\t", "Ink drawing"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("👩‍🎨 眼镜 ../../etc", "👩‍🎨 眼镜 ../../etc"),
        ("a\0b\ud800c\u2028d", "a b c d"),
    ],
)
def test_names_are_kept_as_text(given, kept):
    assert clean_name(given, what="run", taken=()) == kept
    kept.encode()


@pytest.mark.parametrize("name", ["", " \n ", "\u200b\u200d", "x" * (MAX_NAME + 1), "CAFE\u0301", "strasse"])
def test_names_that_are_refused(name):
    with pytest.raises(WorkspaceError):
        clean_name(name, what="effect", taken=["caf\u00e9", "Straße"])


def test_keys_ignore_case_and_encoding():
    assert name_key("Straße") == name_key("STRASSE")
    assert name_key("E\u0301te\u0301") == name_key("\u00e9t\u00e9")
    assert name_key("a") != name_key("b")


def test_free_names_are_numbered_and_short_enough():
    assert free_name("Hats", []) == "Hats"
    assert free_name("Hats", ["HATS", "hats 2"]) == "Hats 3"
    long = "x" * MAX_NAME
    assert len(free_name(long, [long])) == MAX_NAME
    assert free_name(long, [long]).endswith(" 2")


def test_free_paths(tmp_path):
    (tmp_path / "hats").mkdir()
    assert free_path(tmp_path, "hats", taken={"hats-2"}) == tmp_path / "hats-3"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Sample: Party hat", "sample-party-hat"), ("Été", "ete"), ("眼镜", "effect"), ("../..", "effect")],
)
def test_slugs(name, slug):
    assert slugify(name) == slug
