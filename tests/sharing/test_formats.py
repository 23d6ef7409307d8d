import pytest

from editor.errors import UserError
from editor.sharing.formats import EXPORTS, export
from editor.training.run_folder import RunFolder


def test_the_ending_says_what_is_made(trained_run, tmp_path):
    assert "edits like" in export(trained_run, tmp_path / "copy.of.a.run")
    assert RunFolder.open(tmp_path / "copy.of.a.run").has_weights, "any other ending is that of a folder"
    with pytest.raises(UserError, match="no map from color to color"):
        export(trained_run, tmp_path / "colors.CUBE")


@pytest.mark.parametrize("suffix", sorted(EXPORTS))
def test_a_run_that_has_learned_nothing_becomes_no_file(fresh_run, tmp_path, suffix):
    with pytest.raises(UserError, match="learned nothing yet"):
        export(fresh_run, tmp_path / f"effect{suffix}")
    assert not list(tmp_path.glob("effect*"))
