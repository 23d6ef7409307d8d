import pytest
import torch
from PIL import ImageFilter

from editor.images import to_image, to_tensor
from editor.levels import Levels
from editor.models.color_map import identity_table, look_up
from editor.training.checkpoint import describe_weights, save_weights
from editor.training.cube import cube_text, export_cube
from editor.training.recording import prepare
from editor.training.run_folder import RunError, RunFolder

TABLE = torch.stack([identity_table()[..., 1] ** 3, identity_table()[..., 0], -identity_table()[..., 2]], dim=-1)


def read(text):
    """Return title, size and rows of a .cube file."""
    title, size, *rows = text.splitlines()
    values = [tuple(map(float, row.split())) for row in rows]
    return title, int(size.removeprefix("LUT_3D_SIZE ")), values


def test_another_program_makes_the_same_of_a_picture():
    title, size, rows = read(cube_text(TABLE, 'my "look"\n'))
    assert title == 'TITLE "my look"'
    x = torch.rand(3, 20, 30, generator=torch.Generator().manual_seed(0)) * 2 - 1
    theirs = to_tensor(to_image(x).filter(ImageFilter.Color3DLUT(size, rows)))
    assert (theirs - look_up(TABLE, to_tensor(to_image(x))[None])[0]).abs().max() < 2 / 127.5


def test_a_run_gives_its_map_away(fresh_run, tmp_path):
    with pytest.raises(RunError, match="nothing yet"):
        export_cube(fresh_run, tmp_path / "look.cube")
    (fresh_run.path / "config.json").write_text(
        (fresh_run.path / "config.json").read_text().replace('"color_map": "off"', '"color_map": "auto"')
    )
    run = RunFolder.open(fresh_run.path)
    model = prepare(run, torch.device("cpu")).model
    model.color_map.explained.fill_(0.0)
    save_weights(run.weights_path, model, 0)
    with pytest.raises(RunError, match="no map"):
        export_cube(run, tmp_path / "look.cube")
    model.color_map.table.copy_(TABLE)
    model.color_map.explained.fill_(0.5)
    save_weights(run.weights_path, model, 0)
    assert export_cube(run, tmp_path / "look.cube") == 0.5
    assert (tmp_path / "look.cube").read_text() == cube_text(TABLE, "look")
    assert describe_weights(run.weights_path)[1:] == (0.5, False, False, False)
    model.film_grain.amplitude.fill_(3.0)
    save_weights(run.weights_path, model, 0)
    assert describe_weights(run.weights_path).has_grain
    model.film_grain.amplitude.zero_()
    model.color_map.gains[:, 0] = 0.5
    save_weights(run.weights_path, model, 0)
    assert describe_weights(run.weights_path)[1:] == (0.5, True, False, False)
    assert export_cube(run, tmp_path / "look.cube") is None, "it holds the colors only"
    model.color_map.levels.copy_(Levels("each", 0.01, 0.0).encoded())
    save_weights(run.weights_path, model, 0)
    assert describe_weights(run.weights_path)[1:] == (0.5, True, True, False)
    with pytest.raises(RunError, match="auto levels"):
        export_cube(run, tmp_path / "look.cube")
