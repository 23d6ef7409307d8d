"""The one object of a process that the pages may call. Every open page shares it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from editor.config import PRESETS, RunConfig
from editor.device import describe, pick_device
from editor.workspace.archive import Archives
from editor.workspace.cards import RunCards
from editor.workspace.checkups import Checkups
from editor.workspace.clips import Clips
from editor.workspace.desk import Desk
from editor.workspace.downloads import Downloads
from editor.workspace.editing import Editing
from editor.workspace.filmstrip import Filmstrip
from editor.workspace.first_launch import add_samples
from editor.workspace.imports import Imports
from editor.workspace.inspecting import Inspecting
from editor.workspace.library import Library
from editor.workspace.queue import TrainingQueue
from editor.workspace.rented import Rented
from editor.workspace.sharing import Sharing
from editor.workspace.suggestions import Suggestions
from editor.workspace.timelines import Timelines
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace


class Services:
    """What the pages may do.

    Attributes:
        workspace: Effects, their pairs, and thumbnails.
        training: Runs, and the one training job.
        editing: Edits.
        desk: The photos of the Edit tab, and what was done to them.
        filmstrip: Small edits of all photos of the Edit tab.
        suggestions: Frames that a large photo may need.
        inspecting: Looking inside a run.
        downloads: Edits as files to keep.
        clips: Video clips, edited in the background.
        archives: All edits in one zip file, made while it is sent.
        library: Names, copies, the trash, and space.
        cards: The runs as a list.
        imports: Files on their way from a page to an effect.
        checkups: What may be wrong with pairs.
        timelines: Every preview of a run.
        sharing: Files of runs for others.
        rented: Runs on rented machines.
        presets: Settings that a page offers, by name.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        device: str = "auto",
        presets: Mapping[str, RunConfig] = PRESETS,
        queue: TrainingQueue | None = None,
        clip_turn: threading.Lock | None = None,
        is_personal: bool = False,
    ) -> None:
        """Open the workspace; where it is empty, add the sample effects.

        Args:
            workspace: Where everything lies.
            device: Where to compute.
            presets: Settings that a page offers, by name.
            queue: The queue for trainings, where several share a device.
            clip_turn: Held while a clip is edited, where several share a device.
            is_personal: Whether only whoever runs the app can reach it, see `Sharing`.

        Raises:
            WorkspaceError: The workspace is in use or cannot be written.
            DeviceError: This machine has no such device.
        """
        chosen = pick_device(device)
        self.presets = presets
        self.device = describe(chosen)
        self.workspace = workspace
        self._lock = workspace.open()
        self.training = Training(workspace, chosen, queue)
        self.editing = Editing(workspace, self.training, chosen)
        self.desk = Desk(workspace)
        self.suggestions = Suggestions(self.editing)
        self.inspecting = Inspecting(workspace, self.training, self.editing)
        self.downloads = Downloads(workspace, self.training, self.editing)
        self.clips = Clips(workspace, self.editing, self.downloads, clip_turn or threading.Lock())
        self.filmstrip = Filmstrip(workspace, self.editing, self.clips)
        self.archives = Archives(self.training, self.editing)
        self.timelines = Timelines(workspace, self.training)
        self.sharing = Sharing(workspace, self.training, is_personal=is_personal)
        self.rented = Rented(workspace, self.training, is_offered=is_personal)
        self.library = Library(workspace, self.training, self.timelines)
        self.cards = RunCards(self.training, workspace.thumbnails)
        self.imports = Imports(workspace)
        self.checkups = Checkups(workspace)
        try:
            if not (workspace.effects() or self.library.trash()):
                add_samples(workspace)
            self.training.take_up()
        except BaseException:
            self._lock.release()
            raise

    @property
    def root(self) -> Path:
        """The folder of it all."""
        return self.workspace.root

    @property
    def is_busy(self) -> bool:
        """Whether something goes on in the background that closing would end."""
        return self.training.active is not None or self.clips.is_busy

    def close(self) -> None:
        """Stop what goes on in the background, keeping what was learned, and leave the workspace to others."""
        self.clips.close()
        self.rented.close()
        self.training.close()
        self._lock.release()
