"""The real services on a workspace of its own, with a preset that trains in a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
