"""Train the runs that are shipped with the sample effects: `python -m tests.sample_runs [SLUG...]`.

It takes the minutes below for each of them, on an idle machine, and puts what was learned into `assets/samples`.
"""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch

from editor.config import (
    PRESETS,
    AutoencoderConfig,
    Budget,
    DetailConfig,
    EstimatorConfig,
    RunConfig,
    TransformerConfig,
)
from editor.editing.editor import Editor
from editor.pairs.store import PairStore
from editor.samples.catalog import SAMPLES, Sample, draw_sample
from editor.training.events import Preview
from editor.training.export import export_run
from editor.training.recording import record
from editor.training.run_folder import RunFolder

# What is a matter of colors, or of fine detail, needs little of the network, and so little room in the repository.
SMALL = replace(
    PRESETS["draft"],
    preset="custom",
    image_size=256,
    estimator=EstimatorConfig(stem_patch=8, channels=(16, 24), affine_pool=4),
    autoencoder=AutoencoderConfig(stem_patch=4, channels=(24, 32, 48), num_blocks=1, latent_channels=16),
    transformer=TransformerConfig(hidden_size=64, depth=2, num_heads=2, patch_size=2),
)


class Recipe(NamedTuple):
    """How a sample effect is learned."""

    config: RunConfig
    minutes: float


RECIPES = {
    "party": Recipe(replace(PRESETS["standard"], image_size=256), 35),
    "ink": Recipe(replace(SMALL, detail=DetailConfig(mode="on")), 8),
    "film": Recipe(SMALL, 2),
}


def train(sample: Sample, recipe: Recipe) -> None:
    """Train the run of a sample effect and put it where the app looks for it."""
    with TemporaryDirectory() as folder:
        store = PairStore(Path(folder) / "pairs")
        draw_sample(store, sample)
        run = RunFolder.create(Path(folder) / "run", config=recipe.config, store=store, effect=sample.name)
        for event in record(run, device=torch.device("cpu"), budget=Budget(minutes=recipe.minutes)):
            if isinstance(event, Preview):
                print(f"{sample.slug}: {event.seconds:.0f} s, step {event.step}, {event.psnr:.2f} dB", flush=True)
        shutil.rmtree(sample.run, ignore_errors=True)
        sample.run.parent.mkdir(exist_ok=True)
        export_run(RunFolder.open(run.path), sample.run, num_previews=4)
    show(sample)


def show(sample: Sample) -> None:
    """Edit the picture that the first launch shows."""
    before, after = sample.shown
    Editor.load(sample.run, "cpu").edit(before, choice="best").image.save(after, optimize=True)


if __name__ == "__main__":
    for sample in SAMPLES:
        if sample.slug in (sys.argv[1:] or RECIPES):
            train(sample, RECIPES[sample.slug])
