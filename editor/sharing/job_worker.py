"""What a rented machine runs: train the run that was brought along, say what happens, and bring back what changes.

The folder that came along is a bucket that is mounted over the network, where neither locks nor renamed files can be
relied on. So the run is trained in a copy on the machine's own disk.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import tempfile
from pathlib import Path

from editor.config import Budget
from editor.device import pick_device
from editor.training.control import Control
from editor.training.events import CheckpointDue, Failed, Preview, to_json
from editor.training.recording import record
from editor.training.run_folder import RunFolder


def main(arguments: list[str] | None = None) -> int:
    """Train; every event is a line of JSON on the standard output. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("brought", type=Path, help="the run as it came along")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--device", default="auto")
    args = parser.parse_args(arguments)
    control = Control()
    signal.signal(signal.SIGTERM, lambda *_: control.stop())
    with tempfile.TemporaryDirectory(prefix="pairbrush-") as scratch:
        here = Path(scratch, "run")
        shutil.copytree(args.brought, here)
        has_failed, known = False, {}
        budget = Budget(minutes=args.minutes, steps=args.steps)
        for event in record(RunFolder.open(here), device=pick_device(args.device), budget=budget, control=control):
            if isinstance(event, (Preview, CheckpointDue)):
                bring_back(here, args.brought, known)
            print(to_json(event), flush=True)
            has_failed = isinstance(event, Failed)
        bring_back(here, args.brought, known)
    return int(has_failed)


def bring_back(here: Path, home: Path, known: dict[Path, tuple[int, int]]) -> None:
    """Copy every file that is new or has changed; the list of hashes last, so that it never names what is not there.

    Args:
        here: The folder.
        home: Where its files go; others stay.
        known: Size and time of what was copied before, which this notes.
    """
    for path in sorted(here.rglob("*"), key=lambda path: path.name == "manifest.json"):
        if not path.is_file() or path.name == ".lock":
            continue
        stat = path.stat()
        if known.get(path) != (stat.st_size, stat.st_mtime_ns):
            place = home / path.relative_to(here)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            known[path] = stat.st_size, stat.st_mtime_ns


if __name__ == "__main__":
    raise SystemExit(main())
