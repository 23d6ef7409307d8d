"""Peak memory with thousands of pairs: `python -m tests.many_pairs --pairs 1000 3000`. For Linux, whose /proc it reads.

Draws pairs of 512 px that compress well, and carries out each phase in a process of its own: import, the doctor, the
start of a training (with a tiny model, whose own pictures take 6 KB a pair), and a look inside. Prints the peak of each
in MiB, and what one more pair adds in KiB.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

SIDE = 512  # pixels
DRAWN = 8  # squares on a side


def draw(folder: Path, count: int) -> None:
    """Write pairs of colored squares, of which every second one changes."""
    random = np.random.default_rng(0)
    for side in ("source", "target"):
        (folder / side).mkdir(parents=True)
    for number in range(count):
        squares = random.integers(0, 255, (DRAWN, DRAWN, 3), dtype=np.uint8)
        for side in ("source", "target"):
            picture = Image.fromarray(squares).resize((SIDE, SIDE), Image.Resampling.NEAREST)
            picture.save(folder / side / f"{number:05d}.png", compress_level=1)
            squares[::2] = 255 - squares[::2]


def bring_in(root: Path) -> None:
    """Import the pairs."""
    from editor.pairs.importing.importer import extend_plan, store_plan
    from editor.pairs.importing.plan import ImportPlan
    from editor.pairs.store import PairStore

    drawn = root / "drawn"
    files = {PurePosixPath(path.relative_to(drawn)): path for path in drawn.rglob("*.png")}
    (root / "scratch").mkdir()
    store_plan(PairStore(root / "pairs"), extend_plan(ImportPlan({}), files, root / "scratch"))


def examine(root: Path) -> None:
    """Let the doctor look at them."""
    from editor.pairs.doctor.examination import examine
    from editor.pairs.store import PairStore

    examine(PairStore(root / "pairs"))


def begin(root: Path) -> None:
    """Make a run and a trainer, and take the first step."""
    import torch

    from editor.config import Budget
    from editor.pairs.store import PairStore
    from editor.training.recording import record
    from editor.training.run_folder import RunFolder
    from tests.conftest import TINY

    run = RunFolder.create(root / "runs" / "run", config=TINY, store=PairStore(root / "pairs"), effect="squares")
    for _ in record(run, device=torch.device("cpu"), budget=Budget(steps=1)):
        pass


def look_inside(root: Path) -> None:
    """Inspect the run, and begin its matrix of pairs."""
    from editor.workspace import Question, Services, Workspace
    from tests.conftest import TINY

    services = Services(Workspace(root), device="cpu", presets={"tiny": TINY})
    services.inspecting.inspect(Question(run="run", i="00000", j="00001"))
    services.inspecting.begin_matrix("run")
    services.inspecting.advance_matrix("run")
    services.close()


PHASES: dict[str, Callable[[Path], None]] = {
    "import": bring_in,
    "doctor": examine,
    "start of a training": begin,
    "inspect": look_inside,
}


def peak_mib() -> float:
    """Return the most memory that this process has had."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure(count: int) -> dict[str, float]:
    """Return the peak of each phase in MiB."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder) / "drawn", count)
        for phase in PHASES:
            start = time.monotonic()
            command = [sys.executable, "-m", "tests.many_pairs", "--phase", phase, "--folder", folder]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found[phase] = float(done.stdout.split()[-1])
            seconds = time.monotonic() - start
            print(f"{count:,} pairs, {phase}: {found[phase]:,.0f} MiB, {seconds:.0f} s", flush=True)
    return found


def main() -> None:
    """Read the flags; carry out one phase, or measure all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, nargs=2, default=[2000, 5000])
    parser.add_argument("--phase", choices=PHASES, help="only this one, in this process")
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    if args.phase:
        PHASES[args.phase](args.folder)
        print(peak_mib())
        return
    few, many = map(measure, args.pairs)
    for phase in PHASES:
        print(
            f"{phase}: {1024 * (many[phase] - few[phase]) / (args.pairs[1] - args.pairs[0]):.1f} KiB for each more pair"
        )


if __name__ == "__main__":
    main()
