"""Wrong command lines: every mistake ends with one message; nothing is written and nothing hangs."""

import sys
from types import SimpleNamespace

import pytest

from editor.cli import main
from tests.faults.sentences import check_sentence, fingerprint

HUGE = "9" * 400


@pytest.fixture
def editor(monkeypatch, capsys):
    """Run the command line in this process; return exit code, stdout and stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["editor", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "400")  # or typer breaks its sentences into lines
        with pytest.raises(SystemExit) as exit_:
            main()
        return SimpleNamespace(returncode=exit_.value.code, **capsys.readouterr()._asdict())

    return run


TRAIN = ["train", "PAIRS", "--run", "NEW", "--device", "cpu"]
EDIT = ["edit", "RUN", "PHOTO", "--output", "OUT", "--device", "cpu"]
EVALUATE = ["evaluate", "RUN", "PAIRS", "--json", "OUT/a.json", "--device", "cpu"]
BENCHMARK = ["benchmark", "TASK", "--output", "OUT", "--device", "cpu"]
MISTAKES = [
    [],
    ["fly"],
    ["train"],
    ["train", "PAIRS"],
    ["edit", "RUN"],
    ["--version"],
    [*TRAIN, "--no-such-flag"],
    *([*TRAIN, "--steps", value] for value in ("0", "-1", "1.5", "many", HUGE, "nan", "")),
    *([*TRAIN, "--minutes", value] for value in ("0", "-1", "nan", "inf", "-inf", "1e300", "soon", "")),
    [*TRAIN, "--minutes", "1", "--steps", "1"],
    *([*TRAIN, "--steps", "1", "--size", value] for value in ("0", "-64", "33", "100000", "big", HUGE)),
    *([*TRAIN, "--steps", "1", "--seed", value] for value in ("-1", HUGE, "1.5", "luck")),
    *([*TRAIN, "--steps", "1", "--preset", value] for value in ("", "huge", "../draft", "\0")),
    *([*TRAIN[:-1], value, "--steps", "1"] for value in ("toaster", "cpu:banana", "cpu:7", "cuda:99", "", "\0")),
    ["train", "MISSING", "--run", "NEW"],
    ["train", "PHOTO", "--run", "NEW"],
    ["train", "EMPTY", "--run", "NEW"],
    ["train", "PAIRS", "--run", "PHOTO"],
    ["train", "PAIRS", "--run", "PHOTO/deeper"],
    ["train", "PAIRS", "--run", "NEW\0"],
    ["train", "PAIRS\0", "--run", "NEW"],
    ["train", "PAIRS", "--run", "x" * 5000],
    ["train", "PAIRS", "--run", "PAIRS"],
    ["train", "PAIRS", "--run", "EMPTY", "--continue"],
    ["edit", "MISSING", "PHOTO", "--output", "OUT"],
    ["edit", "EMPTY", "PHOTO", "--output", "OUT"],
    ["edit", "PHOTO", "PHOTO", "--output", "OUT"],
    ["edit", "RUN\0", "PHOTO", "--output", "OUT"],
    ["edit", "RUN", "MISSING", "--output", "OUT"],
    ["edit", "RUN", "EMPTY", "--output", "OUT"],
    ["edit", "RUN", "RUN/config.json", "--output", "OUT"],
    ["edit", "RUN", "PHOTO\0", "--output", "OUT"],
    ["edit", "RUN", "PHOTO", "PHOTO", "--output", "OUT"],
    ["edit", "RUN", "x" * 5000, "--output", "OUT"],
    ["edit", "RUN", "PHOTO", "--output", "PHOTO"],
    ["edit", "RUN", "PHOTO", "--output", "OUT\0"],
    *([*EDIT, "--seed", value] for value in ("-1", HUGE, str(2**31), "x", "nan")),
    ["evaluate", "RUN", "MISSING", "--json", "OUT/a.json"],
    ["evaluate", "RUN", "EMPTY", "--json", "OUT/a.json"],
    ["evaluate", "RUN", "PAIRS", "--json", "EMPTY"],
    ["evaluate", "RUN", "PAIRS", "--json", "PHOTO/a.json"],
    *([*EVALUATE, "--seed", value] for value in ("-1", HUGE)),
    BENCHMARK,
    ["benchmark", "MISSING", "--output", "OUT"],
    ["benchmark", "TASK", "TASK", "--output", "OUT"],
    *([*BENCHMARK, "--methods", value] for value in ("", ",", "magic", "ours,magic")),
    *([*BENCHMARK, "--shots", value] for value in ("", "0", "-3", "x", "1,,2", HUGE)),
    *([*BENCHMARK, "--minutes", value] for value in ("", "0", "nan", "inf", "-1", "x")),
    *([*BENCHMARK, "--size", value] for value in ("0", "-1", "33", HUGE)),
    *([*BENCHMARK, "--seeds", value] for value in ("0", "-1", "x")),
]


@pytest.mark.parametrize(
    "arguments", MISTAKES, ids=lambda arguments: " ".join(a[:20].replace("\0", "NUL") for a in arguments)
)
def test_a_mistake_is_a_sentence_and_writes_nothing(tmp_path, editor, whole_run, monkeypatch, arguments):
    photo = tmp_path / "photo.png"
    photo.write_bytes(whole_run.store.pairs()[0].source.read_bytes())
    (tmp_path / "empty").mkdir()
    (tmp_path / "task").mkdir()
    monkeypatch.chdir(tmp_path)
    places = {
        "PAIRS": whole_run.path.parent / "pairs",
        "RUN": whole_run.path,
        "PHOTO": photo,
        "EMPTY": tmp_path / "empty",
        "TASK": tmp_path / "task",
        "MISSING": tmp_path / "missing",
        "NEW": tmp_path / "new",
        "OUT": tmp_path / "out",
    }
    before = fingerprint(tmp_path, whole_run.path)
    for name, place in places.items():
        arguments = [argument.replace(name, str(place)) for argument in arguments]
    result = editor(*arguments)
    assert result.returncode in (1, 2), result.out
    assert "Traceback" not in result.out + result.err
    if result.returncode == 1:
        (line,) = result.err.strip().splitlines()
        check_sentence(line.removeprefix("Error: "))
    elif arguments:  # without any, the help is shown
        assert "Error" in result.err or "No such" in result.err
    assert fingerprint(tmp_path, whole_run.path) == before
