"""Photos to edit, and how: as a page of the Edit tab has them."""

import pytest

from editor.workspace import EditSettings
from tests.conftest import draw_toy_pair


@pytest.fixture
def photos(services, tmp_path):
    opened = []
    for seed, folder in enumerate(("a", "b", "c")):
        (tmp_path / folder).mkdir()
        draw_toy_pair(seed=seed, size=64)[0].resize((80, 64)).save(tmp_path / folder / "me.jpg", quality=95)
        opened.append(services.editing.open_photo(tmp_path / folder / "me.jpg"))
    return opened


@pytest.fixture
def settings(services, trained):
    return EditSettings(run=trained, version=services.editing.version(trained))
