"""The command line as a person runs it: processes, exit codes, one line for each mistake."""

import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from editor import cli
from editor.cli import main
from editor.config import PRESETS
from editor.errors import UserError
from editor.metrics.judges import Judges
from editor.training import forecast
from editor.training.history import read_history
from editor.training.run_folder import RunFolder
from tests.conftest import TINY
from tests.processes import ROOT, start
from tests.waiting import wait_until


@pytest.fixture
def editor(monkeypatch, capsys):
    """Run the command line in this process, for its start takes seconds; return exit code, stdout and stderr."""

    monkeypatch.setattr(forecast, "PATIENCE", math.inf)  # however busy the machine is
    # The default preset is a small model here, for some of its steps are measured before each training.
    small = replace(TINY, preset="draft", color_map=PRESETS["draft"].color_map)
    monkeypatch.setattr(cli, "PRESETS", {**PRESETS, "draft": small})

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["editor", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            main()
        return SimpleNamespace(returncode=exit_.value.code, **capsys.readouterr()._asdict())

    return run


def test_train_edit_evaluate(tmp_path, toy_store, editor):
    run = tmp_path / "run"
    result = editor("train", toy_store.directory, "--run", run, "--size", 32, "--steps", 3, "--device", "cpu")
    assert result.returncode == 0, result.err
    assert "Done after 3 steps" in result.out
    assert "loss" in result.err  # the progress bar
    assert read_history(RunFolder.open(run)).state == "finished"

    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (90, 50), "green").save(photo)
    result = editor("edit", run, photo, "--output", tmp_path / "out")
    assert result.returncode == 0, result.err
    assert Image.open(tmp_path / "out" / "photo.png").size == (90, 50)

    result = editor("evaluate", run, toy_store.directory, "--json", tmp_path / "report.json")
    assert result.returncode == 0, result.err
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["images"] == 8
    assert report["size"] == 32
    judges = Judges.find(torch.device("cpu"))
    optional = {name for name in ("st_lpips", "frechet") if getattr(judges, name)}
    assert set(report) == {"images", "size", "psnr", "ssim", "diou", "do_nothing", "seconds_per_image"} | optional
    assert set(report["do_nothing"]) == {"psnr", "ssim"} | optional
    assert all(note in result.err for note in judges.notes)

    result = editor("train", toy_store.directory, "--run", run, "--steps", 2, "--continue", "--device", "cpu")
    assert "Done after 5 steps" in result.out, result.err


def test_a_run_may_crop(tmp_path, toy_store, editor):
    run, train = tmp_path / "run", ("train", toy_store.directory, "--size", 32, "--steps", 1, "--device", "cpu")
    assert editor(*train, "--run", run, "--fit", "crop").returncode == 0
    assert editor(*train, "--run", run, "--continue").returncode == 0
    assert RunFolder.open(run).config.fit == "crop"
    result = editor(*train, "--run", tmp_path / "other", "--fit", "stretch")
    assert result.returncode == 1
    assert "Choose one of whole, crop" in result.err
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_keeps_what_was_learned(tmp_path, toy_store, fresh_run):
    # A tiny model, for the command line refuses to train one whose steps take too long on a busy machine.
    log, events = tmp_path / "log", fresh_run.events_path
    given = ("--run", fresh_run.path, "--continue", "--minutes", 5, "--device", "cpu")
    process = start("editor/__main__.py", "train", toy_store.directory, *given, output=log)
    try:
        has_begun = lambda: events.is_file() and "StepDone" in events.read_text()  # noqa: E731
        wait_until(lambda: has_begun() or not process.is_alive(), log.read_text, 240)
        assert process.is_alive(), log.read_text()
        os.kill(process.pid, signal.SIGINT)
        process.join(60)
    finally:
        process.kill()
        process.join()
    assert process.exitcode == 0
    assert "Done after" in log.read_text()
    assert read_history(fresh_run).state == "stopped"
    assert fresh_run.has_weights


def test_a_mistake_is_one_line_and_exit_code_1_for_the_shell_too(tmp_path):
    command = [sys.executable, "-m", "editor", "edit", str(tmp_path), "x.png", "--output", str(tmp_path / "out")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1
    assert result.stderr.startswith("Error: There is no run") and result.stderr.count("\n") == 1


def broken_folder(tmp_path, kind):
    """A folder of pairs with one thing wrong."""
    for side in ("source", "target"):
        (tmp_path / "pairs" / side).mkdir(parents=True)
        for name in "abc":
            Image.new("RGB", (40, 40), "red").save(tmp_path / "pairs" / side / f"{name}.png")
    path = tmp_path / "pairs" / "target" / "b.png"
    if kind == "not an image":
        path.write_text("hello")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "unmatched":
        path.unlink()
    elif kind == "too few":
        for side in ("source", "target"):
            for name in "bc":
                (tmp_path / "pairs" / side / f"{name}.png").unlink()
    elif kind == "no target":
        for file in (tmp_path / "pairs" / "target").iterdir():
            file.unlink()
        (tmp_path / "pairs" / "target").rmdir()
    return tmp_path / "pairs"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("not an image", "b.png is not a picture"),
        ("empty", "b.png is empty"),
        ("unmatched", "b.png has no partner"),
        ("too few", "at least 2 are needed"),
        ("no target", "There is no folder"),
    ],
)
def test_bad_pairs_are_one_line_and_exit_code_1(tmp_path, editor, kind, message):
    result = editor("train", broken_folder(tmp_path, kind), "--run", tmp_path / "run", "--steps", 1)
    assert result.returncode == 1
    (line,) = result.err.strip().splitlines()
    assert line.startswith("Error: ") and message in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "PAIRS", "--run", "NEW", "--preset", "huge"], "no preset 'huge'"),
        (["train", "PAIRS", "--run", "NEW", "--size", "100"], "multiple of"),
        (["train", "PAIRS", "--run", "NEW", "--minutes", "0"], "greater than zero"),
        (["train", "PAIRS", "--run", "NEW", "--minutes", "1", "--steps", "1"], "either a time"),
        (["train", "PAIRS", "--run", "NEW", "--device", "toaster"], "no device called 'toaster'"),
        (["train", "PAIRS", "--run", "NEW", "--continue"], "There is no run"),
        (["train", "PAIRS", "--run", "PAIRS"], "there already"),
        (["edit", "NEW", "x.png", "--output", "OUT"], "There is no run"),
        (["edit", "RUN", "missing.png", "--output", "OUT"], "no file missing.png"),
        (["edit", "RUN", "a/x.png", "b/x.png", "--output", "OUT"], "same name"),
        (["edit", "RUN", "a/x.png", "b/X.PNG", "--output", "OUT"], "same name"),
        (["edit", "RUN", "a/x.png", "--output", "a/../a"], "would overwrite a/x.png"),
        (["evaluate", "RUN", "NEW", "--json", "OUT"], "There is no folder"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_code_1(tmp_path, editor, toy_store, trained_run, arguments, message):
    places = {"PAIRS": toy_store.directory, "RUN": trained_run.path, "NEW": tmp_path / "new", "OUT": tmp_path / "out"}
    result = editor(*(places.get(argument, argument) for argument in arguments))
    assert result.returncode == 1, result.out
    (line,) = result.err.strip().splitlines()
    assert line.startswith("Error: ") and message in line
    assert not (tmp_path / "out").exists()


def test_a_guess_stops_where_nobody_can_be_asked_and_yes_goes_on(tmp_path, editor, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    (tmp_path / "heap").mkdir()
    for number in range(3):
        for name, color in ((f"IMG_{number}.jpg", "red"), (f"IMG_{number} (1).jpg", "blue")):
            Image.new("RGB", (40, 40), color).save(tmp_path / "heap" / name)
    train = ("train", tmp_path / "heap", "--run", tmp_path / "run", "--size", 32, "--steps", 1, "--device", "cpu")
    result = editor(*train)
    assert result.returncode == 1
    (line,) = result.err.strip().splitlines()
    assert "3 pairs of 3 are a guess" in line and line.endswith("Give --yes to go on.")
    assert not (tmp_path / "run").exists()
    result = editor(*train, "--yes")
    assert result.returncode == 0, result.err
    assert "3 pairs found" in result.out and RunFolder.open(tmp_path / "run").effect == "heap"


@pytest.mark.parametrize("answer", [True, False])
def test_a_guess_is_a_question_where_somebody_can_be_asked(tmp_path, monkeypatch, answer):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(cli.typer, "confirm", lambda question, err: asked.append(question) or answer)
    asked = []
    for number in range(2):
        for name, color in ((f"IMG_{number}.jpg", "red"), (f"IMG_{number} (1).jpg", "blue")):
            Image.new("RGB", (40, 40), color).save(tmp_path / name)
    if answer:
        with cli.pairs_of(tmp_path, is_agreed=False) as store:
            assert len(store.pairs()) == 2
    else:
        with pytest.raises(UserError, match="Nothing was done"), cli.pairs_of(tmp_path, is_agreed=False):
            pass
    assert len(asked) == 1 and asked[0].endswith("Go on?")


def test_one_broken_photo_of_many_is_named_and_the_others_are_edited(tmp_path, editor, trained_run):
    photos = [tmp_path / f"IMG_{number}.jpg" for number in range(4)]
    for photo in photos:
        Image.effect_noise((48, 36), 60).convert("RGB").save(photo)
    photos[2].write_bytes(photos[2].read_bytes()[:700])
    result = editor("edit", trained_run.path, *photos, "--output", tmp_path / "out")
    assert result.returncode == 1 and "3 edited" in result.out
    (line,) = result.err.strip().splitlines()
    assert "IMG_2.jpg is damaged" in line
    assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == ["IMG_0.png", "IMG_1.png", "IMG_3.png"]


def test_folders_are_edited_and_what_is_done_is_skipped(tmp_path, editor, trained_run):
    folder, out = tmp_path / "photos", tmp_path / "out"
    (folder / "day 2").mkdir(parents=True)
    for name in ("a.jpg", "day 2/a.jpg"):
        Image.effect_noise((48, 36), 60).convert("RGB").save(folder / name)
    command = "edit", trained_run.path, folder, "--output", out, "--subfolders"
    first = editor(*command)
    assert first.returncode == 0 and "2 edited" in first.out
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.png")) == ["a.png", "day 2/a.png"]
    (out / "a.png").unlink()
    second = editor(*command)
    assert second.returncode == 0 and "1 edited" in second.out and "1 had been edited" in second.out
    assert "had been" not in editor(*command, "--strength", 0).out, "another strength makes another edit"
    assert "2 had been edited" in editor(*command, "--strength", 0).out
    with Image.open(out / "a.png") as edit, Image.open(folder / "a.jpg") as photo:
        assert edit.tobytes() == photo.tobytes()
    assert editor(*command, "--again", "--strength", 9).returncode == 1
    for wrong in (("--strength", 9), ("--reference", "nobody")):  # said once, and not of each photo
        assert len(editor(*command, "--again", *wrong).err.strip().splitlines()) == 1


def test_each_photo_that_cannot_be_edited_has_its_line(tmp_path, editor, trained_run):
    Image.effect_noise((48, 36), 60).convert("RGB").save(tmp_path / "good.jpg")
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    bad = [tmp_path / "bad.jpg", tmp_path / "missing.jpg"]
    result = editor("edit", trained_run.path, bad[0], tmp_path / "good.jpg", bad[1], "--output", tmp_path / "out")
    assert result.returncode == 1 and "1 edited" in result.out
    lines = result.err.strip().splitlines()
    assert len(lines) == 2 and all(path.name in line for path, line in zip(bad, lines))
