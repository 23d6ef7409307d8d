"""Video clips in the Edit tab: a dropped one becomes a photo, its first frame; the rest is edited in the background.

    WORKSPACE/cache/edits/ID/clip/source.mp4    the clip, beside the photo
    WORKSPACE/cache/edits/ID/clip/KEY.mp4       its last edit; KEY is a digest of how it was edited

All frames are edited as the first one is shown: by its reference, with its noise, at its strength. One clip of all that
share the device is edited at a time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from editor.editing.clips import (
    CONTAINERS,
    ClipSize,
    can_edit_clips,
    clip_of_animation,
    clip_size,
    edit_clip,
    first_frame,
)
from editor.errors import UserError
from editor.files import link_or_copy
from editor.image_files import MAX_PIXELS, ImageError, is_animated, save_png
from editor.workspace.download_names import NamePattern
from editor.workspace.downloads import DownloadItem, Downloads
from editor.workspace.editing import Editing, edited_clip
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.photos import EditSettings, Photo
from editor.workspace.workspace import Workspace

MAX_FRAMES = 60 * 60 * 30  # an hour
SPACE_FRAMES = 50  # between two checks of the space on the disk
TURN_SECONDS = 0.2  # between two looks whether a clip that waits was stopped
logger = logging.getLogger(__name__)


class _Stopped(Exception):
    """A person stopped the edit of a clip."""


class ClipStatus(NamedTuple):
    """How far the edit of a clip is.

    Attributes:
        state: "idle" before it was asked for, and after it was stopped.
        num_done: Frames that are edited.
        num_frames: Of the clip, as far as it says; 0 if it does not.
        seconds_left: None while nobody knows.
        sentence: What went wrong, or an empty text.
    """

    state: Literal["idle", "waiting", "running", "done", "failed"]
    num_done: int = 0
    num_frames: int = 0
    seconds_left: float | None = None
    sentence: str = ""


@dataclass
class _Job:
    photo: Photo
    num_frames: int
    num_done: int = 0
    begun: float | None = None  # time.monotonic()
    sentence: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def is_over(self) -> bool:
        return self.thread is None or not self.thread.is_alive()


class Clips:
    """Opens clips and edits them, one at a time. Safe to use from any thread."""

    def __init__(self, workspace: Workspace, editing: Editing, downloads: Downloads, turn: threading.Lock) -> None:
        """Edit nothing yet.

        Args:
            workspace: Where files go.
            editing: Edits frames.
            downloads: Names files.
            turn: Held while a clip is edited.
        """
        self._workspace = workspace
        self._editing = editing
        self._downloads = downloads
        self._turn = turn
        self._lock = threading.Lock()  # guards `_job`
        self._job: _Job | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a clip is being edited or waits for its turn."""
        job = self._job
        return job is not None and not job.is_over

    def is_clip(self, path: Path, name: str) -> bool:
        """Say whether a file is a clip, by its name, or an animated picture. Without PyAV the latter are photos."""
        if Path(name).suffix.lower() in CONTAINERS:
            return True
        try:
            return can_edit_clips() and is_animated(path, name)
        except ImageError:  # opening it as a photo says why
            return False

    @disk_errors_in_words()
    def open(self, path: Path, name: str) -> Photo:
        """Return the first frame of a clip as a photo that knows its clip.

        Raises:
            EditorError: PyAV is not installed, or the file is no clip that can be edited.
            ImageError: An animated picture is damaged.
            WorkspaceError: The clip is longer or larger than it may be here, or a visitor's and PyAV is not installed.
            SpaceError: The disk is full.
        """
        if self._workspace.limits and not can_edit_clips():
            raise WorkspaceError(f"{name} is a clip, and this app edits pictures only.")
        scratch = self._workspace.new_cache_folder("clips")
        clip, suffix = path, CONTAINERS.get(Path(name).suffix.lower())
        self._require_bytes(path.stat().st_size, name)
        if suffix is None:
            clip, suffix = scratch / "animation.mp4", ".mp4"
            clip_of_animation(path, clip, name, self._max_frames)
        self._require_small(clip_size(clip, name), name)
        save_png(first_frame(clip, name), scratch / "frame.png", is_lasting=False)
        photo = self._editing.open_photo(scratch / "frame.png", name)
        self._workspace.require_space(clip.stat().st_size)
        place = photo.path.parent / "clip" / f"source{suffix}"
        place.parent.mkdir()
        link_or_copy(clip, place)
        return photo._replace(source=path, clip=place)

    def status(self, photo: Photo, settings: EditSettings, brush: Path | None = None) -> ClipStatus:
        """Return how far the edit of a clip is, given its first frame and how that is edited."""
        with self._lock:
            job = self._job if self._job and self._job.photo.path == photo.path else None
            if job and not job.is_over:
                return self._running(job)
        if edited_clip(photo, settings, brush).is_file():
            return ClipStatus("done")
        return ClipStatus("failed", sentence=job.sentence) if job and job.sentence else ClipStatus("idle")

    def start(self, photo: Photo, settings: EditSettings, brush: Path | None = None) -> None:
        """Begin to edit a clip in the background.

        Raises:
            WorkspaceError: Another one is being edited, or the photo is no clip.
            EditorError, SpaceError: It cannot be edited.
        """
        if photo.clip is None:
            raise WorkspaceError("This photo is no clip.")
        self._workspace.require_space(photo.clip.stat().st_size)
        job = _Job(photo, clip_size(photo.clip, photo.name).num_frames)
        with self._lock:
            if self._job and not self._job.is_over:
                raise WorkspaceError("A clip is being edited already. Wait until it is done, or stop it.")
            job.thread = threading.Thread(target=self._work, args=(job, settings, brush), name="clip", daemon=True)
            self._job = job
            job.thread.start()

    def stop(self, photos: Collection[Path]) -> None:
        """Stop editing a clip whose first frame is one of these photos, and wait until it has stopped."""
        with self._lock:
            job = self._job
        if job and job.photo.path in photos:
            job.stop.set()
            job.thread.join()

    def keep(self, photos: Collection[Path]) -> None:
        """Stop editing a clip whose first frame is none of these photos any more."""
        job = self._job
        if job and job.photo.path not in photos:
            self.stop([job.photo.path])

    def close(self) -> None:
        """Stop editing."""
        self.keep(())

    @disk_errors_in_words()
    def saved(self, photo: Photo, number: int, settings: EditSettings, brush: Path | None, names: NamePattern) -> Path:
        """Return a file of the edited clip, with a name by which a person keeps it.

        Raises:
            WorkspaceError: It is not edited in that way, or the run is gone.
        """
        stem, suffix, place = self._downloads.film(DownloadItem(photo, brush, number=number), settings, names)
        path = self._workspace.new_cache_folder("downloads") / f"{stem}{suffix}"
        link_or_copy(place, path)
        return path

    def _work(self, job: _Job, settings: EditSettings, brush: Path | None) -> None:
        place = edited_clip(job.photo, settings, brush)
        try:
            with self._own_turn(job), disk_errors_in_words():
                job.begun = time.monotonic()
                edit = self._editing.frame_editor(job.photo, settings, brush)
                edit_clip(job.photo.clip, place, edit, lambda number, _: self._note(job, number), job.photo.name)
                for old in place.parent.iterdir():
                    if old not in (place, job.photo.clip):
                        old.unlink()
        except _Stopped:
            pass
        except UserError as error:
            job.sentence = str(error)
        except Exception as error:  # the page says so, and other clips can be edited
            logger.exception("A clip could not be edited")
            job.sentence = f"The clip could not be edited ({type(error).__name__})."

    @contextmanager
    def _own_turn(self, job: _Job) -> Iterator[None]:
        while not self._turn.acquire(timeout=TURN_SECONDS):
            if job.stop.is_set():
                raise _Stopped
        try:
            yield
        finally:
            self._turn.release()

    def _note(self, job: _Job, num_done: int) -> None:
        job.num_done = num_done
        if job.stop.is_set():
            raise _Stopped
        if num_done % SPACE_FRAMES == 0:
            self._workspace.require_space()
        if num_done > self._max_frames:  # what a clip says of itself may be wrong
            raise WorkspaceError(_too_long(job.photo.name, self._max_frames))

    def _running(self, job: _Job) -> ClipStatus:
        if job.begun is None:
            return ClipStatus("waiting", num_frames=job.num_frames)
        left = job.num_frames - job.num_done
        known = job.num_done and left >= 0
        seconds = (time.monotonic() - job.begun) / job.num_done * left if known else None
        return ClipStatus("running", job.num_done, job.num_frames, seconds)

    @property
    def _max_frames(self) -> int:
        limits = self._workspace.limits
        return limits.clip_frames if limits else MAX_FRAMES

    def _require_bytes(self, size: int, name: str) -> None:
        limits = self._workspace.limits
        if limits and size > 1e6 * limits.clip_megabytes:
            raise WorkspaceError(f"{name} is larger than {limits.clip_megabytes} MB. Cut it into shorter parts.")

    def _require_small(self, size: ClipSize, name: str) -> None:
        limits = self._workspace.limits
        pixels = limits.clip_pixels if limits else MAX_PIXELS
        if size.width * size.height > pixels:
            raise WorkspaceError(
                f"{name} has {size.width} x {size.height} pixels, and a clip may have {pixels / 1e6:.2g} megapixels "
                "here. Make it smaller."
            )
        if size.num_frames > self._max_frames:
            raise WorkspaceError(_too_long(name, self._max_frames))


def _too_long(name: str, max_frames: int) -> str:
    return f"{name} has more than {max_frames:,} frames. Cut it into shorter parts."
