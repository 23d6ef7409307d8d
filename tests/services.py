"""The real services on a workspace of its own, with a preset that trains in a second."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from editor.training.run_folder import RunFolder
from editor.workspace import Checkup, PublicLimits, RunStatus, Services, Visitors, Workspace
from tests.conftest import TINY, fill_with_toy_pairs
from tests.waiting import wait_until


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


def give_effect(services: Services, run: str, effect: str | None) -> str:
    """Make a run one of an effect of this workspace, or of none, and return its id."""
    folder = RunFolder.open(services.workspace.runs_dir / run)
    replace(folder, effect_slug=effect).renamed(folder.name)
    return run


def status_when(services: Services, run: str, holds: Callable[[RunStatus], object]) -> RunStatus:
    """Return the status of a run as soon as that holds of it."""
    seen: list[RunStatus] = []

    def is_so() -> bool:
        seen[:] = [services.training.status(run)]
        return bool(holds(*seen))

    wait_until(is_so, lambda: seen)
    return seen[0]


def examined(services: Services, effect: str = "toy") -> Checkup:
    """Return what the doctor says of an effect once it is through."""
    wait_until(lambda: services.checkups.of(effect).is_done)
    return services.checkups.of(effect)


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
