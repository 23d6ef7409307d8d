from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from editor.editing.editor import Editor
from editor.editing.prediction import Prediction
from editor.views.clip import SIZES, framed
from editor.workspace import DownloadItem, WorkspaceError
from editor.workspace.space import SpaceError
from tests.conftest import draw_toy_pair


@pytest.mark.parametrize(("format", "name"), [("PNG", "me-toy.png"), ("JPEG", "me-toy.jpg"), ("WebP", "me-toy.webp")])
def test_a_picture_at_full_size(services, settings, photos, format, name):
    path = services.downloads.picture(DownloadItem(photos[0]), settings, format)
    assert path.name == name
    saved = Image.open(path)
    assert (saved.format, saved.size) == (format.upper(), (80, 64))
    shown = np.asarray(Image.open(services.editing.edit(photos[0], settings).after), float)
    assert abs(np.asarray(saved.convert("RGB"), float) - shown).mean() <= (0 if format == "PNG" else 3)


def test_a_download_reads_the_edit_that_is_shown(services, settings, photos, monkeypatch):
    """It is not computed again, unless another one is asked for."""
    shown = Path(services.editing.edit(photos[0], settings).after)

    def fail(*arguments, **options):
        raise AssertionError("computed again")

    with monkeypatch.context() as patch:
        patch.setattr(Prediction, "apply", fail)
        patch.setattr(Editor, "predict", fail)
        path = services.downloads.picture(DownloadItem(photos[0]), settings, "PNG")
        assert np.array_equal(np.asarray(Image.open(path)), np.asarray(Image.open(shown)))
        for other in ({"seed": 1}, {"strength": 0.5}, {"mask": "everywhere"}, {"version": 1}):
            with pytest.raises(AssertionError, match="computed again"):
                services.downloads.picture(DownloadItem(photos[0]), replace(settings, **other), "PNG")
    shown.unlink()
    again = services.downloads.picture(DownloadItem(photos[0]), settings, "PNG")
    assert np.array_equal(np.asarray(Image.open(again)), np.asarray(Image.open(path)))


def test_what_can_be_made_again_does_not_wait_for_the_disk(services, settings, photos, monkeypatch):
    synced = []
    monkeypatch.setattr("os.fsync", synced.append)
    services.editing.edit(photos[0], settings)
    services.downloads.picture(DownloadItem(photos[0]), settings, "PNG")
    assert not synced


def test_what_cannot_be_saved_says_why(services, settings, photos):
    with pytest.raises(WorkspaceError, match="formats"):
        services.downloads.picture(DownloadItem(photos[0]), settings, "EXE")
    with pytest.raises(WorkspaceError, match="no longer there"):
        services.downloads.picture(DownloadItem(photos[0]), replace(settings, run="nobody"), "PNG")


def test_a_correction_is_saved_in_place_of_the_edit(services, settings, photos):
    wanted = DownloadItem(photos[0], corrected=photos[1].path)
    correction = np.asarray(Image.open(photos[1].path))
    assert np.array_equal(np.asarray(Image.open(services.downloads.picture(wanted, settings, "PNG"))), correction)


def test_files_keep_the_limit_of_a_workspace_and_leave_no_half(services, settings, photos, monkeypatch):
    """Else whoever presses Save often enough would fill the disk."""

    def require_space(coming=0):
        assert coming >= 0
        raise SpaceError("Your files may take no more here.")

    monkeypatch.setattr(services.workspace, "require_space", require_space)
    with pytest.raises(SpaceError):
        services.downloads.picture(DownloadItem(photos[0]), settings, "PNG")
    assert not [path for path in (services.workspace.cache_dir / "downloads").rglob("*") if path.is_file()]
    with pytest.raises(SpaceError):
        services.editing.edit(photos[0], settings)


@pytest.fixture
def sticker(services, tmp_path):
    art = draw_toy_pair(seed=0, size=64)[0].convert("RGBA")
    opacity = np.zeros((64, 64), np.uint8)
    opacity[8:56, 8:56] = 255
    opacity[8:56, 8] = 90  # a soft rim
    art.putalpha(Image.fromarray(opacity))
    art.save(tmp_path / "sticker.png")
    return services.editing.open_photo(tmp_path / "sticker.png")


@pytest.mark.parametrize("format", ["PNG", "WebP", "JPEG"])
def test_an_edit_is_as_transparent_as_its_photo_where_the_format_can(services, settings, sticker, tmp_path, format):
    saved = Image.open(services.downloads.picture(DownloadItem(sticker), settings, format))
    if format == "JPEG":
        assert saved.mode == "RGB"
        return
    photo = np.asarray(Image.open(tmp_path / "sticker.png"), int)
    edit = np.asarray(saved, int)
    assert np.array_equal(edit[..., 3], photo[..., 3])
    assert np.abs(edit - photo)[..., :3][photo[..., 3] > 0].mean() > 5  # it is edited
    if format == "PNG":
        nothing = services.downloads.picture(DownloadItem(sticker), replace(settings, strength=0.0), format)
        assert np.array_equal(np.asarray(Image.open(nothing), int), photo)


def test_a_correction_of_a_transparent_edit_stays_transparent(services, settings, sticker, tmp_path):
    path = services.downloads.picture(DownloadItem(sticker), settings, "PNG")
    corrected = services.editing.save_correction(sticker, path)
    again = services.downloads.picture(DownloadItem(sticker, corrected=corrected), settings, "PNG")
    one, other = (np.asarray(Image.open(file), int) for file in (path, again))
    assert np.array_equal(one[..., 3], other[..., 3])
    assert np.abs(one - other)[one[..., 3] == 255].max() == 0


def test_a_clip_wipes_from_a_photo_to_its_edit(services, settings, photos, short_clips):
    path = services.downloads.clip(DownloadItem(photos[0]), settings, "gif", "square")
    assert path.name == "me-toy-clip.gif"
    with Image.open(path) as clip:
        for index, shown in ((0, photos[0].path), (2, services.editing.edit(photos[0], settings).after)):
            clip.seek(index)
            frame = framed(Image.open(shown).convert("RGB"), SIZES["square"])
            assert np.abs(np.asarray(clip.convert("RGB"), int) - np.asarray(frame, int)).mean() < 8
    corrected = DownloadItem(photos[0], corrected=photos[1].path)
    assert services.downloads.clip(corrected, settings, "gif", "square").read_bytes() != path.read_bytes()
    for format, shape in (("avi", "square"), ("gif", "round"), (None, None)):
        with pytest.raises(WorkspaceError, match="format and a shape"):
            services.downloads.clip(DownloadItem(photos[0]), settings, format, shape)
