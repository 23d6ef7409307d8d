"""Every preview of a run: as files that a page can name by itself, and saved as an animation."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import get_args

from editor.files import link_or_copy
from editor.image_files import load_image
from editor.training.history import PreviewPoint
from editor.training.run_folder import RunFolder
from editor.views.animation import AnimationFormat, Frame, save_animation
from editor.views.clip import ClipShape, save_clip
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.names import slugify
from editor.workspace.runs import RunStatus
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace

MAX_FRAMES = 60  # of an animation
MAX_ANIMATED = 4  # pictures side by side


class Timelines:
    """The previews of runs."""

    def __init__(self, workspace: Workspace, training: Training) -> None:
        self._workspace = workspace
        self._training = training
        self._lock = threading.Lock()  # guards `_placed`
        self._placed: dict[Path, set[str]] = {}  # the moments in each folder

    def folder(self, status: RunStatus) -> Path:
        """Return a folder of the cache with all previews of a run, as `moment_name(preview)/PAIR.png`.

        A page can thus name any picture by itself. The pictures are links to those of the run, and made once, so it is
        cheap to ask every second.

        Raises:
            WorkspaceError, RunError: The run is no longer there.
        """
        folder = self._training.open(status.run.id)
        place = self._place(folder)
        with self._lock:
            placed = self._placed.setdefault(place, set())
            for preview in status.history.previews:
                if (name := moment_name(preview)) not in placed:
                    _link(folder, preview, place / name)
                    placed.add(name)
        return place

    def prune(self) -> None:
        """Delete the folders of runs that are no longer there: of a run that comes back, one is made anew."""
        kept = {self._place(self._training.open(run.id)) for run in self._training.runs()}
        with self._lock:
            for place in self._placed.keys() - kept:
                shutil.rmtree(place, ignore_errors=True)
                del self._placed[place]

    @disk_errors_in_words()
    def save_animation(self, run: str, format: AnimationFormat) -> Path:
        """Write an animation of how the previewed pictures grew, and return it: a file in the cache.

        Args:
            run: The run.
            format: "gif", "webp" or "mp4".

        Raises:
            WorkspaceError: There is no such run or format, or there are no previews yet.
            RunError: It cannot be read.
            AnimationError: An MP4, and PyAV is not installed.
        """
        if format not in get_args(AnimationFormat):
            raise WorkspaceError(f"Choose one of these formats: {', '.join(get_args(AnimationFormat))}.")
        self._workspace.require_space()
        folder, history = self._training.open(run), self._training.status(run).history
        previews = history.previews
        if not previews:
            raise WorkspaceError("This run has no previews yet. The first one comes within seconds of training.")
        names = previews[-1].pictures[:MAX_ANIMATED]
        pairs = [pair for pair in self._training.pairs(run) if pair.name in names]
        frames = [Frame("before", [load_image(pair.source) for pair in pairs], 0.0)]
        for preview in evenly_spaced(previews, MAX_FRAMES - 2):
            paths = [folder.preview_path(preview.step, pair.name) for pair in pairs]
            if all(path.is_file() for path in paths):
                label = f"step {preview.step:,}, {preview.seconds:,.0f} s, {preview.psnr:.1f} dB"
                progress = preview.seconds / max(previews[-1].seconds, 1e-9)
                frames.append(Frame(label, [load_image(path) for path in paths], progress))
        frames.append(Frame("the truth", [load_image(pair.target) for pair in pairs], 1.0))
        path = self._workspace.new_cache_folder("animations") / f"{slugify(folder.name)}.{format}"
        save_animation(frames, path)
        return path

    @disk_errors_in_words()
    def save_clip(self, run: str, format: AnimationFormat, shape: ClipShape) -> Path:
        """Write a clip that wipes from a previewed picture to what the run makes of it, and return it.

        Raises:
            WorkspaceError, RunError, AnimationError: As for `save_animation`, or there is no such shape.
        """
        if format not in get_args(AnimationFormat) or shape not in get_args(ClipShape):
            raise WorkspaceError("Choose a format and a shape of the clip.")
        self._workspace.require_space()
        folder, history = self._training.open(run), self._training.status(run).history
        shown = history.chosen or (history.previews[-1] if history.previews else None)
        pairs = {pair.name: pair for pair in self._training.pairs(run)}
        for name in shown.pictures if shown else ():
            edited = folder.preview_path(shown.step, name)
            if name in pairs and edited.is_file():
                path = self._workspace.new_cache_folder("animations") / f"{slugify(folder.name)}-clip.{format}"
                save_clip(load_image(pairs[name].source), load_image(edited), path, shape)
                return path
        raise WorkspaceError("This run has no previews yet. The first one comes within seconds of training.")

    def _place(self, folder: RunFolder) -> Path:
        # By when it was made, too: browsers keep pictures by their address, and a new run may get the id of an old one.
        key = sha256(f"{folder.path}|{folder.created}".encode()).hexdigest()[:24]
        return self._workspace.cache_dir / "previews" / key


def moment_name(preview: PreviewPoint) -> str:
    """Name a preview. After a crash the same step may come again: then the time differs, and no cache shows the old."""
    return f"{preview.step}-{preview.seconds:.1f}"


def evenly_spaced(previews: Sequence[PreviewPoint], count: int) -> Sequence[PreviewPoint]:
    """Return at most `count` previews, evenly spread in their order, the first and the last always among them."""
    if len(previews) <= count:
        return previews
    return [previews[round(index * (len(previews) - 1) / (count - 1))] for index in range(count)]


def _link(run: RunFolder, preview: PreviewPoint, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in preview.pictures:
        source, link = run.preview_path(preview.step, name), target / f"{name}.png"
        if source.is_file() and not link.exists():
            link_or_copy(source, link)
