import pytest
import torch

from editor.benchmarks.foreign_edits import score_edits, split_methods
from editor.benchmarks.grid import Grid, run_grid
from editor.benchmarks.results import Cell, ResultsFile
from editor.errors import UserError
from editor.image_files import load_image, save_png

SIZE = 32


@pytest.fixture
def edits(task, tmp_path):
    """The folder of a program whose edits are the truth, half as large again."""
    folder = tmp_path / "edits"
    for pair in task.test_pairs.pairs():
        (folder / "toy").mkdir(parents=True, exist_ok=True)
        truth = load_image(pair.target)
        save_png(truth.resize((truth.width * 3 // 2, truth.height * 3 // 2)), folder / "toy" / f"{pair.name}.png")
    return folder


def grid_of(task, methods):
    return Grid.parse(tasks=[task], methods=methods, shots="4", minutes="1", steps="", size=SIZE, seeds=1)


def test_edits_of_others_are_a_row_beside_the_baselines(task, edits, tmp_path):
    grid = grid_of(task, f"do-nothing,edits:right={edits}")
    output = tmp_path / "out"
    assert run_grid(grid, output, device=torch.device("cpu"))
    by_method = {result.cell.method: result for result in ResultsFile(output / "results.jsonl").read()}
    assert by_method["right"].figures.psnr > by_method["do-nothing"].figures.psnr + 10
    assert by_method["right"].cell == Cell(task="toy", method="right", shots=0, minutes=0.0, size=SIZE, seed=0)
    text = (output / "tables.md").read_text()
    assert by_method["right"].seconds_per_edit is None, "nobody has measured it"
    assert "| right | – | – |" in text and "### Means over tasks" in text
    assert len(list((output / by_method["right"].cell.folder).iterdir())) == 3
    assert run_grid(grid, output, device=torch.device("cpu")), "nothing is scored again"


def test_edits_may_lie_in_the_folder_itself(task, edits):
    cell = Cell(task="another name", method="right", shots=0, minutes=0.0, size=SIZE, seed=0)
    trial = score_edits(cell, edits / "toy", test=task.test(SIZE))
    assert trial.edits.shape == (3, 3, SIZE, SIZE) and trial.result.figures.psnr > 25


def test_a_missing_edit_is_named_and_the_rest_is_scored(task, edits, tmp_path, capsys):
    gone = sorted((edits / "toy").iterdir())[1]
    gone.unlink()
    assert not run_grid(grid_of(task, f"edits:right={edits},do-nothing"), tmp_path / "out", device=torch.device("cpu"))
    assert f"has no edit of {gone.stem}" in capsys.readouterr().out
    assert [r.cell.method for r in ResultsFile(tmp_path / "out" / "results.jsonl").read()] == ["do-nothing"]


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("edits:x", "cannot be read"),
        ("edits:../x={}", "cannot be read"),
        ("edits:=x", "cannot be read"),
        ("edits:pix2pix={}", "another method"),
        ("edits:x={}/nowhere", "There is no folder"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, word, sentence):
    with pytest.raises(UserError, match=sentence):
        split_methods(["ours", word.format(tmp_path)])
