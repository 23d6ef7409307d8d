"""The runs of a workspace on disk: listed, read and made. A file is opened again only after it has changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from editor.config import RunConfig
from editor.errors import UserError
from editor.pairs.folder import Pair
from editor.pairs.store import PairStore
from editor.training.history import History, HistoryReader, State, read_state
from editor.training.received import RECEIVED_NAME
from editor.training.run_folder import RunError, RunFolder
from editor.workspace.effects import folder_names
from editor.workspace.errors import WorkspaceError
from editor.workspace.file_cache import CachedFiles, version_of
from editor.workspace.names import clean_name, free_name, free_path, slugify
from editor.workspace.runs import PreviewRow, RunSummary
from editor.workspace.workspace import Workspace


class TrainingRecord:
    """What the training of a run has left on disk so far.

    Attributes:
        state: How it stands, by the last of its events.
        has_weights: Whether there is something to edit with.
        saved_at: When the state that continuing needs was saved last; None if it was not.
    """

    def __init__(self, run: RunFolder, reader: HistoryReader, outliner: HistoryReader) -> None:
        """Read all but the history, which is long and shown of few runs.

        Args:
            run: The run.
            reader: Reads its history.
            outliner: Reads it without the losses.
        """
        saved = version_of(run.state_path)
        self.state: State = read_state(run)
        self.has_weights = run.has_weights
        self.saved_at = datetime.fromtimestamp(saved.changed / 1e9).astimezone() if saved else None
        self._reader, self._outliner = reader, outliner

    @cached_property
    def history(self) -> History:
        """What happened: the same object each time."""
        return self._reader.read()

    @cached_property
    def outline(self) -> History:
        """The same without the losses, which is read much faster."""
        return self._outliner.read()


class RunFiles(NamedTuple):
    """What was read of one run."""

    folder: RunFolder
    pairs: list[Pair]
    record: CachedFiles[TrainingRecord]


class RunIndex:
    """The runs of a workspace. Safe to use from any thread."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._cached: dict[str, CachedFiles[RunFiles | UserError | None]] = {}  # by id: the run, or why there is none

    def runs(self) -> list[RunSummary]:
        """Return every run that can be read, the newest first."""
        effects = self._effect_names()
        found = [summary(files.folder, effects) for files in self._all().values() if isinstance(files, RunFiles)]
        return sorted(found, key=lambda run: (run.created, run.id), reverse=True)

    def damaged(self) -> dict[str, str]:
        """Return one sentence for every run that cannot be shown, by its id."""
        return damaged_of(self._all())

    def open(self, run: str) -> RunFolder:
        """Return the folder of the run with that id.

        Raises:
            WorkspaceError, RunError: There is none, or it cannot be read.
        """
        return self._files(run).folder

    def pairs(self, run: str) -> list[Pair]:
        """Return the pairs that a run keeps, at its own size. They never change.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        return self._files(run).pairs

    def has_stand_ins(self, run: str) -> bool:
        """Whether a run came as an effect file, with other pictures in place of pairs; see `training.stand_ins`.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        received = self.open(run).received
        return received is not None and not received.needs_pairs

    def preview(self, run: str, step: int, names: tuple[str, ...]) -> list[PreviewRow]:
        """Return the pictures of the preview after `step` steps for the pairs `names`."""
        folder = self.open(run)
        rows = []
        for pair in self.pairs(run):
            path = folder.preview_path(step, pair.name)
            if pair.name in names and path.is_file():
                pictures = map(self._workspace.thumbnail, (pair.source, path, pair.target))
                rows.append(PreviewRow(pair.name, *pictures))
        return rows

    def create(
        self,
        store: PairStore,
        *,
        config: RunConfig,
        effect: str,
        effect_slug: str | None,
        name: str | None,
        learned: Collection[str] = (),
    ) -> RunFolder:
        """Make a new run that is not trained yet; see `Training.start`."""
        with self._workspace.naming:
            taken = {run.name for run in self.runs()}
            self.require_room_for_run()
            name = free_name(effect, taken) if name is None else clean_name(name, what="run", taken=taken)
            path = free_path(self._workspace.runs_dir, f"{datetime.now():%Y%m%d-%H%M%S}-{slugify(name)}")
            return RunFolder.create(
                path,
                config=config,
                store=store,
                effect=effect,
                effect_slug=effect_slug,
                name=name,
                learned=learned,
            )

    def require_room_for_run(self) -> None:
        """Make sure that there may be one more run.

        Raises:
            WorkspaceError: There are as many as there may be.
        """
        limits = self._workspace.limits
        if limits and len(self._ids()) >= limits.runs:
            raise WorkspaceError(f"There can be at most {limits.runs} runs here. Delete one first.")

    @staticmethod
    def require_own_pairs(run: RunFolder) -> None:
        """Make sure that a run has the pairs that it was learned from.

        Raises:
            WorkspaceError: It came as an effect file, without them.
        """
        if run.received is not None:
            raise WorkspaceError(
                f"{run.name} came as a file, without the pairs that it was learned from, so it cannot learn more. Add "
                "pairs in step 1 to train one of your own."
            )

    def _ids(self) -> list[str]:
        return list(self._all())

    def _all(self) -> dict[str, RunFiles | UserError]:
        names = folder_names(self._workspace.runs_dir)
        for name in self._cached.keys() - set(names):
            self._cached.pop(name, None)
        return {name: files for name in names if (files := self._read(name)) is not None}

    def _files(self, run: str) -> RunFiles:
        """Return what is known of the run with an id that came from a browser.

        Raises:
            WorkspaceError, UserError: There is none, or it cannot be read.
        """
        self._workspace.run_dir(run)
        files = self._read(run)
        if files is None:
            raise RunError(f"There is no run in {self._workspace.runs_dir / run}. Choose another one.")
        if isinstance(files, UserError):
            raise type(files)(str(files))
        return files

    def _read(self, id: str) -> RunFiles | UserError | None:
        cached = self._cached.get(id)
        if cached is None:
            path = self._workspace.runs_dir / id
            # Other ones where another run takes the place of this one.
            paths = tuple(path / name for name in ("run.json", "config.json", RECEIVED_NAME))
            cached = self._cached.setdefault(id, CachedFiles(paths, partial(_read_or_say_why, path)))
        return cached.get()

    def _effect_names(self) -> dict[str, str]:
        return {effect.slug: effect.name for effect in self._workspace.effects()}


def _read_or_say_why(path: Path) -> RunFiles | UserError | None:
    """Return a run, or an error that says why it cannot be shown; None where the folder holds none."""
    try:
        if not (path / "run.json").exists():
            return None
        folder = RunFolder.open(path)
        files = folder.events_path, folder.weights_path, folder.state_path
        readers = HistoryReader(folder), HistoryReader(folder, has_losses=False)
        record = CachedFiles(files, partial(TrainingRecord, folder, *readers))
        return RunFiles(folder, folder.store.pairs(), record)
    except UserError as error:
        return error.with_traceback(None)


def damaged_of(found: Mapping[str, RunFiles | UserError]) -> dict[str, str]:
    """Return one sentence for every run that cannot be shown, by its id, of what was read by id."""
    problems = {id: error for id, error in found.items() if isinstance(error, UserError)}
    return {id: f"The run in the folder {id} cannot be shown. {error}" for id, error in problems.items()}


def summary(run: RunFolder, effects: Mapping[str, str]) -> RunSummary:
    """Return a run as a list shows it; `effects` are the present names of effects by slug.

    A run that does not say where its effect is, as those made at the command line, belongs to one of the same name.
    """
    slug = run.effect_slug
    if slug is None:
        slug = next((slug for slug, name in effects.items() if name == run.effect), None)
    return RunSummary(
        id=run.id,
        name=run.name,
        effect=effects.get(slug, run.effect),
        effect_slug=slug if slug in effects else None,
        preset=run.config.preset,
        image_size=run.config.image_size,
        fit=run.config.fit,
        created=run.created,
        is_received=run.received is not None,
    )
