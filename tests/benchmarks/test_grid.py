import json
from itertools import islice

import pytest
import torch

from editor.benchmarks import grid as grid_module
from editor.benchmarks import trial
from editor.benchmarks.grid import Grid, run_grid
from editor.benchmarks.results import Cell, ResultsFile
from editor.benchmarks.trial import run_trial, score_times
from editor.errors import UserError
from editor.image_files import load_image
from editor.metrics.psnr import psnr
from editor.training.setbacks import TrainingError

CPU = torch.device("cpu")
BLINK = 0.15 / 60  # minutes


def make_grid(task, methods=("ours", "pix2pix", "pix2pix-star", "do-nothing"), **changes):
    settings = {"shots": (2, 4), "minutes": (BLINK,), "size": 32, "seeds": 1} | changes
    return Grid(tasks=(task,), methods=methods, **settings)


def test_a_grid_runs_from_end_to_end_and_resumes(task, small_models, tmp_path, monkeypatch, capsys):
    output = tmp_path / "out"
    grid = make_grid(task)
    assert run_grid(grid, output, device=CPU)

    results = ResultsFile(output / "results.jsonl").read()
    assert {result.cell for result in results} == set(grid.cells()) and len(results) == 7
    for result in results:
        is_trained = result.cell.method != "do-nothing"
        assert result.figures.psnr > 5
        assert result.peak_memory_mib > 50 if is_trained else result.peak_memory_mib is None
        assert (result.steps > 0) == (result.seconds >= 60 * BLINK) == is_trained
        assert result.pairs == result.cell.shots and result.curve[-1].psnr == result.figures.psnr
        assert len(list((output / result.cell.folder).iterdir())) == 3
    assert "| pix2pix-star | 4 |" in (output / "tables.md").read_text()
    assert len(list((output / "curves").iterdir())) == 2
    sheets = sorted((output / "sheets").iterdir())
    assert [path.name for path in sheets] == [f"toy-{n}-shots-{BLINK:g}-min-32-px.png" for n in (2, 4)]
    assert load_image(sheets[0]).width > 5 * 128  # source, three methods, truth

    # Again, with one method more and a line cut short: only what is missing is trained.
    with (output / "results.jsonl").open("a") as file:
        file.write('{"cell": {"ta')
    trained = []
    monkeypatch.setattr(grid_module, "run_trial", lambda cell, **rest: trained.append(cell) or run_trial(cell, **rest))
    assert run_grid(make_grid(task, methods=("ours", "pix2pix", "one-to-one")), output, device=CPU)
    assert [cell.method for cell in trained] == ["one-to-one", "one-to-one"]
    assert "4 of 6 models are there already" in capsys.readouterr().out
    assert len([json.loads(line) for line in (output / "results.jsonl").read_text().splitlines()]) == 9


def test_every_training_is_fitted_to_its_own_time(task):
    cells = make_grid(task, minutes=(1.0, 3.0), seeds=2).cells()
    assert len(cells) == 3 * 2 * 2 * 2 + 1
    assert [cell for cell in cells if cell.method == "do-nothing"] == [
        Cell(task="toy", method="do-nothing", shots=0, minutes=0.0, size=32, seed=0)
    ]


def test_scores_come_ever_later():
    times = list(islice(score_times(), 20))
    assert times[0] == 2 and times == sorted(times)
    assert 10 < sum(time < 60 for time in times) < sum(time < 600 for time in times)


def test_steps_are_counted_instead_of_time(task, small_models):
    cells = make_grid(task, methods=("ours", "pix2pix"), shots=(4,), minutes=(), steps=(3, 5)).cells()
    assert [(cell.steps, cell.minutes) for cell in cells] == [(3, 0), (5, 0)] * 2
    assert len({cell.folder for cell in cells}) == 4
    for cell in cells:
        shares = []
        result = run_trial(
            cell,
            training=task.training(4, 32),
            test=task.test(32),
            device=CPU,
            on_progress=lambda share, quality, shares=shares: shares.append(share),
            should_stop=lambda: False,
        ).result
        assert result.steps == cell.steps
        assert sum(shares) == pytest.approx(1)


class Clock:
    """Stands for the module `time`, and goes on only where it is asked: 0.05 s from one question to the next."""

    now = 0.0

    def perf_counter(self):
        self.now += 0.05
        return self.now

    process_time = perf_counter


def test_scoring_costs_no_training_time(task, small_models, monkeypatch):
    clock, edit_all = Clock(), trial._edit_all
    monkeypatch.setattr(trial, "time", clock)
    monkeypatch.setattr(trial, "FIRST_SCORE_SECONDS", 0.05)

    def edit_slowly(*asked):
        clock.now += 0.3
        return edit_all(*asked)

    monkeypatch.setattr(trial, "_edit_all", edit_slowly)
    reported = []
    result = run_trial(
        Cell(task="toy", method="pix2pix-star", shots=3, minutes=1 / 60, size=32, seed=0),
        training=task.training(3, 32),
        test=task.test(32),
        device=CPU,
        on_progress=lambda share, quality: reported.append(share),
        should_stop=lambda: False,
    ).result
    assert len(result.curve) > 1
    assert result.seconds >= 1 and sum(reported) == pytest.approx(1)
    assert clock.now - result.seconds >= 0.3 * len(result.curve), "of scoring, which does not count"
    assert [point.seconds for point in result.curve] == sorted(point.seconds for point in result.curve)


def test_ours_is_better_than_nothing_after_a_moment(task, small_models):
    test = task.test(32)
    trial = run_trial(
        Cell(task="toy", method="ours", shots=6, minutes=2 / 60, size=32, seed=0),
        training=task.training(6, 32),
        test=test,
        device=CPU,
        on_progress=lambda *_: None,
        should_stop=lambda: False,
    )
    assert trial.result.figures.psnr > psnr(test.x, test.y).mean()


def test_a_stop_keeps_what_is_finished(task, small_models, tmp_path):
    file = ResultsFile(tmp_path / "results.jsonl")
    grid = make_grid(task, shots=(2,), minutes=(BLINK,))
    assert not run_grid(grid, tmp_path, device=CPU, should_stop=lambda: len(file.read()) >= 2)
    assert [result.cell.method for result in file.read()] == ["ours", "pix2pix"]
    assert (tmp_path / "tables.md").is_file() and list((tmp_path / "sheets").iterdir())


def test_a_model_that_breaks_is_left_out_and_tried_again(task, small_models, tmp_path, monkeypatch, capsys):
    def break_pix2pix(cell, **rest):
        if cell.method == "pix2pix":
            raise TrainingError("The loss is no number.")
        return run_trial(cell, **rest)

    monkeypatch.setattr(grid_module, "run_trial", break_pix2pix)
    grid = make_grid(task, methods=("pix2pix", "ours"), shots=(2,))
    assert not run_grid(grid, tmp_path, device=CPU)
    assert "of toy is left out: The loss is no number." in capsys.readouterr().out
    assert [result.cell.method for result in ResultsFile(tmp_path / "results.jsonl").read()] == ["ours"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"methods": "ours,magic"}, "no method 'magic'"),
        ({"methods": " , "}, "at least one"),
        ({"shots": "5,many"}, "--shots needs numbers"),
        ({"shots": "0"}, "greater than zero"),
        ({"minutes": "1,-3"}, "greater than zero"),
        ({"minutes": "nan"}, "greater than zero"),
        ({"seeds": 0}, "greater than zero"),
        ({"size": 100}, "image_size=100"),
        ({"size": 100, "methods": "pix2pix"}, "steps of 16"),
        ({"tasks": 0}, "at least one"),
        ({"tasks": 2}, "same name"),
    ],
)
def test_bad_arguments_are_one_sentence(task, changes, message):
    arguments = {
        "tasks": 1,
        "methods": "ours",
        "shots": "5",
        "minutes": "1",
        "steps": "",
        "size": 32,
        "seeds": 1,
    } | changes
    arguments["tasks"] = [task] * arguments["tasks"]
    with pytest.raises(UserError, match=message) as error:
        Grid.parse(**arguments)
    assert "\n" not in str(error.value)
