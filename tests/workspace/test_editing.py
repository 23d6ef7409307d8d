import numpy as np
import pytest
from PIL import Image

from editor.errors import UserError
from editor.images import ImageError
from editor.workspace import WorkspaceError
from tests.conftest import TINY, draw_toy_pair


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "Mein Foto.png"
    draw_toy_pair(seed=99, size=64)[0].resize((90, 64)).save(path)
    return path


def test_an_edit_has_the_size_of_the_photo_and_differs_from_it(services, trained, photo):
    result = services.editing.edit(trained, photo)
    before, after = Image.open(result.before), Image.open(result.after)
    assert before.size == after.size == result.size == (90, 64)
    assert after.format == "PNG"
    assert np.abs(np.asarray(before, float) - np.asarray(after, float)).mean() > 5
    assert result.after.name == "Mein-Foto-toy.png"
    assert result.after.is_relative_to(services.workspace.cache_dir)


def test_the_reference_can_be_chosen(services, trained, photo):
    name = services.training.pairs(trained)[0].name
    assert services.editing.edit(trained, photo, reference=name).reference == name
    with pytest.raises(UserError):
        services.editing.edit(trained, photo, reference="../0000")


def test_a_file_that_is_no_picture_is_named(services, trained, tmp_path):
    bad = tmp_path / "holiday.png"
    bad.write_text("not a picture")
    for use in (services.editing.open_photo, lambda path: services.editing.edit(trained, path)):
        with pytest.raises(ImageError, match=r"holiday\.png"):
            use(bad)


def test_a_run_without_weights_says_so(services, photo):
    run = services.training.start("toy", TINY, 10)
    services.training.stop()
    services.training.wait(30)
    services.training.open(run).weights_path.unlink(missing_ok=True)
    assert services.editing.version(run) == 0
    with pytest.raises(WorkspaceError, match="learned nothing yet"):
        services.editing.edit(run, photo)


def test_new_weights_are_noticed(services, trained):
    first = services.editing.editor(trained)
    assert services.editing.editor(trained) is first
    services.training.resume(trained, 0.005)
    services.training.wait(30)
    assert services.editing.editor(trained).step > first.step
