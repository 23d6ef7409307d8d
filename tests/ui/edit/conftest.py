"""Photos, and the Edit tab with one of them."""

import pytest

from editor.workspace import EditState
from tests.conftest import draw_toy_pair
from tests.ui.edit.events import dropped


@pytest.fixture
def files(tmp_path):
    paths = []
    for seed in range(3):
        paths.append(tmp_path / f"photo {seed}.jpg")
        draw_toy_pair(seed=seed, size=64)[0].resize((48, 64)).save(paths[-1])
    return [str(path) for path in paths]


@pytest.fixture
def state(services, trained, files):
    return dropped(services, EditState(), trained, files[:1]).state
