"""What a page costs in a workspace with few and with many runs and effects: `python -m tests.crowded`.

The runs are copies (hard links) of one that is shipped with a sample effect. Prints processor milliseconds, so that
other programs on the machine count little; "opened" is the first time in a process, "again" the median of those after.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from editor.files import copy_folder, link_or_copy
from editor.training.run_folder import RunFolder
from editor.ui import live
from editor.ui.state import Seen
from editor.ui.tabs import effects
from editor.ui.tabs.edit import choices
from editor.workspace import EditState, Services, Workspace
from tests.conftest import TINY, fill_with_toy_pairs
from tests.processes import ROOT

SAMPLE = ROOT / "assets" / "samples" / "ink"
TIMES = 7
HOUR = 3600.0


def crowd(root: Path, num_runs: int, num_effects: int) -> Workspace:
    """Make a workspace with so many runs, evenly shared among so many effects."""
    workspace = Workspace(root)
    with workspace.open():
        slugs = [
            workspace.create_effect(f"Effect {number}", fill=lambda store: fill_with_toy_pairs(store, 3)).slug
            for number in range(num_effects)
        ]
        workspace.runs_dir.mkdir(exist_ok=True)
        for number in range(num_runs):
            place, slug = workspace.runs_dir / f"run-{number}", slugs[number % num_effects]
            copy_folder(SAMPLE, place, lambda source, to: link_or_copy(Path(source), Path(to)))
            replace(RunFolder.open(place), effect_slug=slug, effect=slug).renamed(f"Run {number}")
    for path in root.rglob("*"):  # what was just written is read again, see `workspace.file_cache`
        os.utime(path, (time.time() - HOUR,) * 2)
    return workspace


def events(services: Services) -> dict[str, Callable[[], Any]]:
    """Return what a page asks for, by what a person would call it."""
    run, seen = services.training.runs()[0].id, [Seen()]

    def look() -> None:
        _, seen[0], *_ = live.refresh(services, None, None, run, seen[0])

    return {
        "page opens": lambda: live.refresh(services, None, None, None, Seen()),
        "a look, nothing new": look,
        "panel of effects": lambda: effects.opened(services),
        "another run in Edit": lambda: choices.change_run(services, EditState(), run),
        "runs to compare": lambda: choices.comparable(services, run),
        "runs, all read": services.training.runs,
        "problems and trash": lambda: (services.library.problems(), services.library.trash()),
    }


def measure(num_runs: int, num_effects: int) -> dict[str, tuple[float, float]]:
    """Return processor milliseconds of each event: of the first time, and the median of those after."""
    with tempfile.TemporaryDirectory() as folder:
        services = Services(crowd(Path(folder) / "workspace", num_runs, num_effects), presets={"tiny": TINY})
        try:
            return {name: _timed(ask) for name, ask in events(services).items()}
        finally:
            services.close()


def _timed(ask: Callable[[], Any]) -> tuple[float, float]:
    times = []
    for _ in range(TIMES):
        start = time.process_time()
        ask()
        times.append(1000 * (time.process_time() - start))
    return times[0], statistics.median(times[1:])


def main() -> None:
    """Read the flags, measure both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--effects", type=int, default=50)
    args = parser.parse_args()
    torch.set_num_threads(1)
    few, many = measure(2, 2), measure(args.runs, args.effects)
    print(f"{'processor ms':24}{'2 runs: opened':>16}{'again':>8}{f'{args.runs} runs: opened':>20}{'again':>8}")
    for name, (first, again) in few.items():
        print(f"{name:24}{first:16.1f}{again:8.1f}{many[name][0]:20.1f}{many[name][1]:8.1f}")


if __name__ == "__main__":
    main()
