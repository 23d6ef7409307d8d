"""What an empty workspace begins with: the sample effect and a run that has learned it, so that Edit works at once."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from editor.files import copy_folder
from editor.samples.party import SAMPLE_EFFECT, draw_sample_effect
from editor.training.run_folder import RunFolder
from editor.workspace.errors import disk_errors_in_words
from editor.workspace.workspace import Workspace

# Made by `python -m editor train` on the pairs of the sample effect and `python -m editor export`.
SAMPLE_RUN = Path(__file__).parents[2] / "assets" / "sample_run"


@disk_errors_in_words()
def add_sample(workspace: Workspace, run: Path = SAMPLE_RUN) -> None:
    """Draw the sample effect and put the run that learned it beside it: both, or neither where the disk is full.

    Args:
        workspace: An open one that is empty.
        run: The run.

    Raises:
        WorkspaceError: The disk is full or cannot be written. The next start tries it again.
    """
    unfinished = workspace.runs_dir / f".{uuid.uuid4().hex}.tmp"
    effect = None
    try:
        copy_folder(run, unfinished)
        effect = workspace.create_effect(SAMPLE_EFFECT, fill=draw_sample_effect)
        now = datetime.now(timezone.utc).replace(microsecond=0)
        about = replace(RunFolder.open(unfinished), effect=effect.name, effect_slug=effect.slug, created=now)
        about.renamed(effect.name)
        unfinished.rename(workspace.runs_dir / f"{datetime.now():%Y%m%d-%H%M%S}-{effect.slug}")
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        if effect is not None:
            shutil.rmtree(workspace.effects_dir / effect.slug, ignore_errors=True)
        raise
