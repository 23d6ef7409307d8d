"""What a person may do with what is there: name, copy, delete and get back effects, pairs and runs."""

from __future__ import annotations

import filecmp
import logging
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from editor.image_files import load_image
from editor.json_files import JsonFileError
from editor.pairs.folder import Pair
from editor.pairs.store import PairStore
from editor.training.run_folder import EVENTS_NAME, RunError, RunFolder
from editor.training.slimming import slim
from editor.workspace.effects import Effect, read_effect, write_effect
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.names import clean_name, free_name, free_path
from editor.workspace.sizes import FolderSizes, Storage, folder_bytes
from editor.workspace.timelines import Timelines
from editor.workspace.training import Training
from editor.workspace.trash import Kind, TrashEntry
from editor.workspace.workspace import Workspace

logger = logging.getLogger(__name__)


class Restored(NamedTuple):
    """What came back from the trash.

    Attributes:
        kind: What it is.
        id: Slug of the effect, which is also where pairs came back, or id of the run.
        name: What it is called now, which is another name if somebody took the old one.
        pairs: Names of the pairs, if that is what it is.
    """

    kind: Kind
    id: str
    name: str
    pairs: tuple[str, ...] = ()


class Damaged(NamedTuple):
    """Something that is there and cannot be shown, which can still be deleted.

    Attributes:
        kind: What it is.
        id: Slug of the effect, or id of the run.
        sentence: Why it cannot be shown.
    """

    kind: Kind
    id: str
    sentence: str


class CorrectedPair(NamedTuple):
    """A photo and its corrected edit, as a pair.

    Attributes:
        name: What the pair is called.
        replaced: Name of the pair of the same photo that went into the trash for it, if there was one.
    """

    name: str
    replaced: str | None


class Library:
    """Effects, pairs and runs of a workspace. Every deletion returns an id with which `restore` undoes it.

    All methods raise `WorkspaceError` if the disk refuses, and change nothing then.
    """

    def __init__(self, workspace: Workspace, training: Training, timelines: Timelines) -> None:
        self._workspace = workspace
        self._training = training
        self._timelines = timelines
        self._sizes = FolderSizes(growing=[EVENTS_NAME])

    @disk_errors_in_words()
    def rename_effect(self, slug: str, name: str) -> Effect:
        """Give an effect another name; its slug stays.

        Raises:
            WorkspaceError: There is no such effect, or the name is empty, too long or taken.
        """
        with self._workspace.naming:
            effect = self._workspace.effect(slug)
            name = clean_name(name, what="effect", taken=self._workspace.effect_names() - {effect.name})
            effect = effect._replace(name=name)
            write_effect(self._workspace.effects_dir / slug, effect)
            return effect

    def duplicate_effect(self, slug: str, name: str | None = None) -> Effect:
        """Make an effect with the same pairs.

        Args:
            slug: The effect to copy.
            name: What to call the copy; "… copy" by default.

        Raises:
            WorkspaceError: There is no such effect, the name is of no use, or the disk is full.
        """
        self._workspace.require_space()
        with self._workspace.naming, self._workspace.using_pairs(slug) as store:
            if name is None:
                name = free_name(_copy_of(self._workspace.effect(slug).name), self._workspace.effect_names())
            return self._workspace.create_effect(name, fill=store.copy_to)

    @disk_errors_in_words()
    def delete_effect(self, slug: str) -> str:
        """Move an effect into the trash, also one that cannot be read. Runs that learned it stay.

        Raises:
            WorkspaceError: There is no such effect, or its pairs are in use at this moment.
        """
        with self._workspace.idle_effect(slug) as folder:
            try:
                name = read_effect(folder).name
            except JsonFileError:
                name = slug
            return self._workspace.trash.put(folder, kind="effect", name=name)

    @disk_errors_in_words()
    def rename_pair(self, effect: str, pair: str, name: str) -> str:
        """Give a pair another name and return the one it got, which is fit for a file.

        Raises:
            WorkspaceError: There is no such effect.
            PairError: There is no such pair.
        """
        with self._workspace.using_pairs(effect) as store:
            return store.rename(pair, name)

    @disk_errors_in_words()
    def remove_pairs(self, effect: str, pairs: list[str]) -> str:
        """Move pairs, or pictures without a partner, into the trash.

        Raises:
            WorkspaceError: There is no such effect, or no pair is named.
            PairError: There is no such pair. None is moved then.
        """
        if not pairs:
            raise WorkspaceError("Choose the pairs to remove first.")
        trash, name = self._workspace.trash, self._workspace.effect(effect).name
        with self._workspace.using_pairs(effect) as store:
            entry = trash.begin(kind="pairs", name=name, place=effect, pairs=tuple(pairs))
            try:
                store.move(pairs, PairStore(trash.content(entry)))
            except BaseException:
                if not store.is_unfinished:  # else some of them lie there already, and cannot go back
                    trash.discard(entry)
                raise
            return entry

    @disk_errors_in_words()
    def add_corrected_pair(self, effect: str, *, source: Path, edited: Path, name: str) -> CorrectedPair:
        """Make a photo and its edit, which a person may have corrected, a pair to learn from.

        It replaces a pair of the same photo. Which of the other pairs are held out stays as it is:
        otherwise a continued run would be scored on pairs that it has trained on.

        Args:
            effect: Slug of the effect that gets the pair.
            source: The photo before, in the cache.
            edited: What it should become, in the cache, of the same shape.
            name: What the person calls the photo; the name of the pair is derived from it.

        Raises:
            WorkspaceError: There is no such effect, a file is none that was uploaded or edited here, the photo belongs
                to a held-out pair, or there is such a pair already.
            ImageError: A file is not a usable picture.
            PairError: The pictures differ in shape.
        """
        if not all(map(self._workspace.is_upload, (source, edited))):
            raise WorkspaceError("These pictures are no longer there. Edit the photo again.")
        self._workspace.require_space()
        with self._workspace.using_pairs(effect) as store:
            pairs = store.pairs()
            held_out = {pair.name for pair in pairs if pair.is_held_out}
            added = store.add(Path(name).stem, load_image(source, name), load_image(edited, name))
            try:
                twin = _twin(next(pair for pair in store.pairs() if pair.name == added), pairs)
                if twin or {pair.name for pair in store.held_out()} != held_out:  # the default choice goes by all names
                    store.set_held_out(held_out)
                if twin:
                    self.remove_pairs(effect, [twin.name])
            except BaseException:
                store.remove([added])
                raise
            return CorrectedPair(added, twin.name if twin else None)

    @disk_errors_in_words()
    def rename_run(self, run: str, name: str) -> str:
        """Give a run another name and return it; its id stays.

        Raises:
            WorkspaceError: There is no such run, it is being trained, or the name is empty, too long or taken.
            RunError: It cannot be read.
        """
        with self._training.idle_run(run) as folder, self._workspace.naming:
            taken = {other.name for other in self._training.runs() if other.id != run}
            return RunFolder.open(folder).renamed(clean_name(name, what="run", taken=taken)).name

    @disk_errors_in_words()
    def duplicate_run(self, run: str, name: str | None = None) -> str:
        """Make a run with the same settings and pairs that has learned nothing yet, and return its id.

        Args:
            run: The run to copy.
            name: What to call the copy; "… copy" by default.

        Raises:
            WorkspaceError, RunError: There is no such run, the name is of no use, or the disk is full.
        """
        self._workspace.require_space()
        folder = self._training.open(run)
        self._training.require_own_pairs(folder)
        with self._workspace.naming:
            if name is None:
                name = free_name(_copy_of(folder.name), [other.name for other in self._training.runs()])
            copy = self._training.create(
                folder.store, config=folder.config, effect=folder.effect, effect_slug=folder.effect_slug, name=name
            )
        return copy.id

    @disk_errors_in_words()
    def slim_run(self, run: str) -> int:
        """Keep only what editing needs of a run, see `training.slimming`, and return the bytes freed. There is no undo.

        Raises:
            WorkspaceError: There is no such run, or it is being trained.
            RunError, CheckpointError, DamagedError: It has learned nothing, or its weights cannot be used.
        """
        with self._training.idle_run(run) as folder:
            before = folder_bytes(folder)
            slim(RunFolder.open(folder))
            return before - folder_bytes(folder)

    @disk_errors_in_words()
    def delete_run(self, run: str) -> str:
        """Move a run into the trash, also one that cannot be read.

        Raises:
            WorkspaceError: There is no such run, or it is being trained.
        """
        with self._training.idle_run(run) as folder:
            try:
                name = RunFolder.open(folder).name
            except RunError:
                name = run
            return self._workspace.trash.put(folder, kind="run", name=name)

    def trash(self) -> list[TrashEntry]:
        """Return all that can be restored, the last deleted first."""
        return self._workspace.trash.list()

    @disk_errors_in_words()
    def restore(self, trash_id: str) -> Restored:
        """Bring back what was deleted.

        Raises:
            WorkspaceError: It is not in the trash, or the effect of these pairs is not there.
        """
        trash = self._workspace.trash
        with self._workspace.naming:
            entry, content = trash.get(trash_id), trash.content(trash_id)
            if entry.kind == "pairs":
                restored = self._restore_pairs(entry, PairStore(content))
            else:
                restored = self._restore_folder(entry, content)
            try:
                trash.discard(trash_id)
            except OSError as error:  # it is empty, so it does not show, and the next start removes it
                logger.warning("%s stays in the trash: %s", trash_id, error)
        return restored

    @disk_errors_in_words()
    def empty_trash(self, older_than: timedelta | None = None) -> int:
        """Delete for good what is in the trash, or what was deleted longer ago than that; return the bytes freed.

        No small copy of it stays in the cache, and no preview, which would keep its bytes.

        Raises:
            WorkspaceError: A removal that the disk once refused to end, still cannot: then one side of a
                pair may lie in the trash, and nothing is deleted.
        """
        for effect in self._workspace.effects():
            with self._workspace.using_pairs(effect.slug) as store:
                store.recover(within=self._workspace.root)
        freed = self._workspace.trash.empty(older_than)
        self._timelines.prune()
        self._workspace.thumbnails.clear()
        return freed

    def storage(self) -> Storage:
        """Measure what everything takes. Looks at every folder, so it is for a page that asks for it."""
        workspace = self._workspace
        effects = {effect.slug: workspace.effects_dir / effect.slug for effect in workspace.effects()}
        runs = {run.id: workspace.runs_dir / run.id for run in self._training.runs()}
        total, trash, cache, *sizes = self._sizes.measure(
            workspace.root, workspace.trash.directory, workspace.cache_dir, *effects.values(), *runs.values()
        )
        return Storage(
            effects=dict(zip(effects, sizes)),
            runs=dict(zip(runs, sizes[len(effects) :])),
            trash=trash,
            cache=cache,
            total=total,
            free=shutil.disk_usage(workspace.root).free,
        )

    def damaged(self) -> list[Damaged]:
        """Return everything that is there and cannot be shown, such as what a newer version wrote."""
        found: dict[Kind, dict[str, str]] = {
            "effect": self._workspace.damaged_effects(),
            "run": self._training.damaged(),
        }
        return [Damaged(kind, *item) for kind, places in found.items() for item in places.items()]

    def problems(self) -> list[str]:
        """Return one sentence for everything that is there and cannot be shown."""
        return [item.sentence for item in self.damaged()]

    def _restore_pairs(self, entry: TrashEntry, removed: PairStore) -> Restored:
        if entry.place not in {effect.slug for effect in self._workspace.effects()}:
            raise WorkspaceError(f"The effect “{entry.name}” is no longer there. Restore it first.")
        with self._workspace.using_pairs(entry.place) as store:
            names = removed.move(removed.names(), store)
        return Restored("pairs", entry.place, self._workspace.effect(entry.place).name, tuple(names))

    def _restore_folder(self, entry: TrashEntry, content: Path) -> Restored:
        if entry.kind == "effect":
            place, taken = self._workspace.effects_dir, self._workspace.effect_names()
            self._workspace.require_room_for_effect()
        else:
            place, taken = self._workspace.runs_dir, {run.name for run in self._training.runs()}
            self._training.require_room_for_run()
        name = free_name(entry.name, taken)
        if name != entry.name:  # somebody took it meanwhile
            with suppress(JsonFileError, RunError):  # what is damaged comes back as it was
                if entry.kind == "effect":
                    write_effect(content, read_effect(content)._replace(name=name))
                else:
                    RunFolder.open(content).renamed(name)
        path = free_path(place, entry.place)
        content.rename(path)
        return Restored(entry.kind, path.name, name)


def _twin(added: Pair, others: list[Pair]) -> Pair | None:
    """Return the pair of the same photo that a new pair may replace.

    Raises:
        WorkspaceError: It may not.
    """

    def are_same(a: Path, b: Path) -> bool:
        return filecmp.cmp(a, b, shallow=False)  # all pictures of pairs are written in the same way

    for other in others:
        if not are_same(added.source, other.source):
            continue
        if other.is_held_out:
            raise WorkspaceError(
                f"This photo is the held-out pair {other.name}, kept for testing: it shows how good the editor is "
                "because it never learns from it. Correct another photo, or let it learn from that pair in Pairs."
            )
        if are_same(added.target, other.target):
            raise WorkspaceError(f"This edit is pair {other.name} already. Correct it first.")
        return other
    return None


def _copy_of(name: str) -> str:
    return f"{name} copy"
