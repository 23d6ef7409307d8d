"""The real services on a workspace of its own, with a preset that trains in a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from editor.training.run_folder import RunFolder
from editor.workspace import PublicLimits, Services, Visitors, Workspace
from tests.conftest import TINY, fill_with_toy_pairs


@contextmanager
def open_services(root: Path) -> Iterator[Services]:
    """Open a workspace that has one effect, "Toy", with eight pairs, one of them held out."""
    workspace = Workspace(root)
    workspace.effects_dir.mkdir(parents=True)
    workspace.create_effect("Toy", fill=lambda store: fill_with_toy_pairs(store, 8))
    services = Services(workspace, device="cpu", presets={"tiny": TINY})
    try:
        yield services
    finally:
        services.close()


def give_effect(services: Services, run: str, effect: str) -> str:
    """Make a run that was made elsewhere one of an effect of this workspace, and return its id."""
    folder = RunFolder.open(services.workspace.runs_dir / run)
    replace(folder, effect_slug=effect).renamed(folder.name)
    return run


@contextmanager
def open_visitors(root: Path, **limits: float) -> Iterator[Visitors]:
    """Open a public folder in which every new visitor finds one effect, "Toy", with three pairs."""
    template = Workspace(root / "template")
    if not template.effects_dir.is_dir():
        template.effects_dir.mkdir(parents=True)
        template.create_effect("Toy", fill=lambda store: fill_with_toy_pairs(store, 3))
    visitors = Visitors(root, device="cpu", presets={"tiny": TINY}, limits=PublicLimits(**limits))
    try:
        yield visitors
    finally:
        visitors.close()
