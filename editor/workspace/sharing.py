"""What can be made of the runs of a workspace for other people and programs. Every result is a file in the cache."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from editor.config import MAX_NAME
from editor.hub import Hub, HubId, Pushed
from editor.sharing.formats import EXPORTS, NOTHING_MORE, Choices, export
from editor.sharing.hub import CAREFUL, HubChoices, push_run
from editor.training.checkpoint import describe_weights
from editor.training.effect_file import unpack
from editor.training.effect_repo import fetch_effect
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.file_cache import CachedFiles
from editor.workspace.names import clean_name, free_name, free_path, slugify
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace

NAMELESS = "Shared effect"
PAGE_LOG_IN = "Log in with the button in step 5, and try again."
NOT_UPLOADED = "The upload did not get through. Reload the page and drop the file again."
MOST_BYTES = 200 * 10**6  # that a file made of a run may take, to see whether there is room for one


class ShareFacts(NamedTuple):
    """What the Share tab says of a run.

    Attributes:
        weight_bytes: Size of the weights that edit, at half the precision.
        explained: Share of the effect that its color map explains, 0 to 1; None where it has none.
        has_gains: Whether that map depends on the place in a picture, as a vignette does.
        has_levels: Whether each photo is stretched by its own levels before it.
        has_grain: Whether edits get grain.
    """

    weight_bytes: int
    explained: float | None
    has_gains: bool = False
    has_levels: bool = False
    has_grain: bool = False


class Sharing:
    """Makes files of runs for a person to give away, and runs of such files.

    Attributes:
        is_personal: Whether everybody who reaches the app is the one who runs it, so that this machine's login at the
            Hub is theirs. Otherwise nothing is ever done in that name: only with the token that they bring.
    """

    def __init__(self, workspace: Workspace, training: Training, *, is_personal: bool = False) -> None:
        self.is_personal = is_personal
        self._workspace = workspace
        self._training = training
        self._facts: dict[Path, CachedFiles[ShareFacts]] = {}  # by the weights of a run

    def facts(self, run: str) -> ShareFacts:
        """Return what can be said of a run that has learned something; cheap to ask every second.

        Raises:
            WorkspaceError, RunError: There is no such run.
            CheckpointError: Its weights cannot be read.
        """
        path = self._training.open(run).editing_weights_path
        self._facts = {known: facts for known, facts in self._facts.items() if known == path or known.is_file()}
        return self._facts.setdefault(path, CachedFiles([path], partial(_facts, path))).get()

    @disk_errors_in_words()
    def make(self, run: str, suffix: str, choices: Choices = NOTHING_MORE) -> Path:
        """Write a run as one of `EXPORTS` and return the file, called after the effect.

        Args:
            run: The id of the run.
            suffix: The ending of the file's name.
            choices: What goes along, and under which terms.

        Raises:
            WorkspaceError, RunError: There is no such run or format, or it has learned nothing yet.
            UserError: It cannot become that.
            SpaceError: There is no room for it.
        """
        if suffix not in EXPORTS:
            raise WorkspaceError(f"Choose one of these formats: {', '.join(EXPORTS)}.")
        folder = self._training.open(run)
        self._workspace.require_space(MOST_BYTES)
        path = self._workspace.new_cache_folder("shared") / f"{slugify(folder.effect)}{suffix}"
        export(folder, path, choices)
        return path

    def hub(self, token: str | None = None, *, cache_dir: Path | None = None) -> Hub:
        """Return the Hub as it is seen by the one who asks.

        Args:
            token: What they bring; it is used, and not kept.
            cache_dir: See `Hub`.
        """
        if token or not self.is_personal:
            return Hub(token=token or False, cache_dir=cache_dir, log_in=PAGE_LOG_IN)
        return Hub(cache_dir=cache_dir)

    @disk_errors_in_words()
    def push(
        self,
        run: str,
        name: str,
        choices: HubChoices = CAREFUL,
        *,
        token: str | None = None,
    ) -> Pushed:
        """Upload a run as an effect to the Hub; see `sharing.hub.push_run`.

        Args:
            run: The id of the run.
            name: "user/effect", or "effect" for one's own; empty for the name of the effect.
            choices: What goes along, under which terms, and who may see it.
            token: Of the one who asks, see `hub`.

        Raises:
            WorkspaceError, RunError: There is no such run.
            UserError: It cannot become an effect, or the Hub refuses.
            SpaceError: There is no room for it.
        """
        folder = self._training.open(run)
        self._workspace.require_space(MOST_BYTES)
        hub = self.hub(token)
        return push_run(folder, hub.repo_called(name.strip() or slugify(folder.effect)), choices, hub=hub)

    @disk_errors_in_words()
    def pull(self, name: str, token: str | None = None) -> str:
        """Download an effect from the Hub, make it a run as `open` does, and return the id of the run.

        What is downloaded is kept nowhere else: a cache that several share would give one visitor, when the Hub cannot
        be reached, what only another may have.

        Args:
            name: "user/effect" or "user/effect@revision".
            token: Of the one who asks, see `hub`.

        Raises:
            WorkspaceError: The name has another form, or there may be no more effects or runs.
            HubError: It cannot be had.
            EffectFileError: It is no effect that can be used. Nothing is left of it then.
            SpaceError: There is no room for it.
        """
        wanted = HubId.parse(name.strip())
        if wanted is None:
            raise WorkspaceError("Name an effect of the Hub as user/effect, or user/effect@revision.")
        self._workspace.require_space(MOST_BYTES)
        folder = self._workspace.new_cache_folder("pulled")
        try:
            return self._become_run(fetch_effect(wanted, folder, self.hub(token, cache_dir=folder / "hub")))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @disk_errors_in_words()
    def open(self, file: Path) -> str:
        """Make an uploaded effect file a run that belongs to an effect of its own, and return the id of the run.

        Raises:
            WorkspaceError: It was not uploaded, or there may be no more effects or runs.
            EffectFileError: It is no effect file that can be used. Nothing is left of it then.
            SpaceError: There is no room for it.
        """
        if not self._workspace.is_upload(file):
            raise WorkspaceError(NOT_UPLOADED)
        return self._become_run(file)

    def _become_run(self, file: Path) -> str:
        workspace = self._workspace
        workspace.require_space(MOST_BYTES)
        with workspace.naming:
            workspace.require_room_for_effect()
            self._training.require_room_for_run()
            path = free_path(workspace.runs_dir, f"{datetime.now():%Y%m%d-%H%M%S}-{slugify(file.stem)}")
            run = unpack(file, path)
            try:
                effect = workspace.create_effect(free_name(usable_name(run.effect), workspace.effect_names()))
                name = free_name(effect.name, {other.name for other in self._training.runs() if other.id != run.id})
                replace(run, name=name, effect=effect.name, effect_slug=effect.slug).write()
            except BaseException:
                shutil.rmtree(path, ignore_errors=True)
                raise
            return run.id


def usable_name(name: str) -> str:
    """Return what a file calls an effect as a person could have typed it."""
    try:
        return clean_name(name[:MAX_NAME], what="effect", taken=())
    except WorkspaceError:
        return NAMELESS


def _facts(weights: Path) -> ShareFacts:
    return ShareFacts(*describe_weights(weights))
