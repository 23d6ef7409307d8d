"""What the Edit tab is sent, and what it answers with."""

import shutil
from pathlib import Path
from types import SimpleNamespace

from editor.ui.tabs.edit import photos


def event(**data):
    return SimpleNamespace(_data=data)


def about(state, index=None, **data):
    """An event of the viewer on the photo that is shown, or on another one."""
    return event(photo=str(state.photos[state.shown if index is None else index].path), **data)


def path_of(url):
    return url.removeprefix("gradio_api/file=")


def dropped(services, state, run, files):
    """Drop files, which a page uploads first."""
    named = [{"path": shutil.copy(file, services.workspace.cache_dir), "name": Path(file).name} for file in files]
    return photos.drop(services, state, run, event(files=named))


def upload(services, picture, name="drawing.png"):
    path = services.workspace.cache_dir / name
    picture.save(path)
    return str(path)
