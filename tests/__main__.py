"""Run every check: `python -m tests`, with four workers.

Options go to pytest, such as `python -m tests -k chart`, which then runs without workers.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.browser.chromium import find_browser

ROOT = Path(__file__).parents[1]
WORKERS = ("-n", "4")  # see lanes.py; on two cores, for those with a browser or a server wait half of the time


def make_sure_of_browser() -> None:
    """Install Debian's Chromium where there is none and that is possible, else say what to install."""
    if find_browser():
        return
    if shutil.which("apt-get"):
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        rights = [] if is_root or not shutil.which("sudo") else ["sudo"]
        print("No Chromium was found: installing it with apt-get.", flush=True)
        subprocess.run([*rights, "apt-get", "update", "-q"], check=False)
        install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
        subprocess.run([*rights, *install], check=False)
    if not find_browser():
        sys.exit("The browser tests need Chromium or Google Chrome. Install one of them, then run the tests again.")


def main() -> None:
    """Run linter, formatter and tests; exit with 1 if any of them failed."""
    make_sure_of_browser()
    checks = (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["pytest", *(sys.argv[1:] or WORKERS)],
    )
    failed = []
    for check in checks:
        print(f"\n{' '.join(check)}", flush=True)
        if subprocess.run([sys.executable, "-m", *check], cwd=ROOT, check=False).returncode:
            failed.append(" ".join(check))
    if failed:
        sys.exit(f"\nFailed: {'; '.join(failed)}")
    print("\nEverything passed.")


if __name__ == "__main__":
    main()
