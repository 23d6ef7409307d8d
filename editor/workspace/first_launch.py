"""What an empty workspace begins with: sample effects and runs that have learned them, so that Edit works at once."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from editor.files import copy_folder, temporary_name
from editor.pairs.store import PairStore
from editor.samples.catalog import SAMPLES, Sample
from editor.training.run_folder import RunFolder
from editor.workspace.errors import disk_errors_in_words
from editor.workspace.workspace import Workspace


@disk_errors_in_words()
def add_samples(workspace: Workspace, samples: Sequence[Sample] = SAMPLES) -> None:
    """Add sample effects, the first of which counts as the newest, and beside each the run that has learned it.

    All of them are added, or none where the disk is full.

    Args:
        workspace: An open one that is empty.
        samples: Which ones.

    Raises:
        WorkspaceError: The disk is full or cannot be written. The next start tries it again.
    """
    now = datetime.now(timezone.utc).replace(microsecond=0)
    added: list[Path] = []
    try:
        for age, sample in reversed([*enumerate(samples)]):
            _add(workspace, sample, now - timedelta(seconds=age), added)
    except BaseException:
        for folder in added:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _add(workspace: Workspace, sample: Sample, created: datetime, added: list[Path]) -> None:
    """Add one sample, and the folders that it made to `added`."""

    def fill(store: PairStore) -> None:
        copy_folder(RunFolder.open(sample.run).store.directory, store.directory)

    unfinished = workspace.runs_dir / temporary_name()
    added.append(unfinished)
    copy_folder(sample.run, unfinished)
    effect = workspace.create_effect(sample.name, fill=fill)
    added.append(workspace.effects_dir / effect.slug)
    about = replace(RunFolder.open(unfinished), effect=effect.name, effect_slug=effect.slug, created=created)
    about.renamed(effect.name)
    added.append(workspace.runs_dir / f"{created.astimezone():%Y%m%d-%H%M%S}-{effect.slug}")
    unfinished.rename(added[-1])
