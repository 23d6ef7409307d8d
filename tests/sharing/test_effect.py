import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from editor.editing.editor import Editor
from editor.errors import UserError
from editor.sharing import effect
from editor.sharing.effect import export_effect
from editor.training.effect_file import unpack
from tests.conftest import draw_toy_pair


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_effect_that_is_worse_without_pairs_takes_some_along(trained_run, tmp_path, monkeypatch):
    monkeypatch.setattr(effect, "MOST_LOST", -1000.0)  # as if it were
    path = tmp_path / "toy.pairbrush"
    with pytest.raises(UserError, match="at least one has to go along"):
        export_effect(trained_run, path)
    assert not path.exists()
    pair = trained_run.store.training()[2]
    export_effect(trained_run, path, pairs=[pair.name])
    assert "Edits go by these pairs" in entries(path)["card.md"].decode()
    run = unpack(path, tmp_path / "run")
    assert run.received.needs_pairs and Editor.load(run.path, "cpu").references == ("pair-1",)
    kept, given = (np.asarray(Image.open(each), float) for each in (run.store.pairs()[0].source, pair.source))
    assert abs(kept - given).mean() < 3


@pytest.mark.usefixtures("placed_well")
def test_what_edits_paste_goes_along_cut_out(trained_run, tmp_path, monkeypatch):
    monkeypatch.setattr(Editor, "adds", True)
    path = tmp_path / "toy.pairbrush"
    export_effect(trained_run, path)
    monkeypatch.undo()
    editor, parts = Editor.load(path, "cpu"), entries(path)
    ours = Editor.load(trained_run.path, "cpu")
    assert editor.adds and len(editor.references) == len(ours.references)
    for number, name in enumerate(ours.references, 1):
        large = np.asarray(Image.open(BytesIO(parts[f"cutouts/large/{number}.png"])))
        assert not large[large[..., 3] == 0].any(), "nothing of the photograph around it"
        assert 0.05 < (large[..., 3] > 127).mean() < 0.5, "a disc"
        there, here = (
            each.cutouts(which)[0].at(1024) for each, which in ((editor, f"cutout-{number:02d}"), (ours, name))
        )
        matte = here[:, 3:]
        assert abs((there - here) * matte).max() < 0.02
    photo = draw_toy_pair(100)[0]
    assert editor.predict(photo).pasted[0].startswith("cutout-")
    assert export_effect(unpack(path, tmp_path / "run"), tmp_path / "again.pairbrush").agreement > 60, "it can go on"
    assert entries(tmp_path / "again.pairbrush").keys() == parts.keys()


def test_pairs_that_are_not_there_are_named(trained_run, tmp_path):
    with pytest.raises(UserError, match="no pair named 'nothing'"):
        export_effect(trained_run, tmp_path / "toy.pairbrush", pairs=["nothing"])
