"""Starts that cannot be: one line, and an exit status that says so."""

import subprocess
import sys
from urllib.parse import urlsplit

from tests.browser.conftest import ROOT


def start(*arguments):
    command = [sys.executable, "app.py", "--no-browser", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_starts_that_cannot_be_end_with_one_line(app_url, workspace, tmp_path):
    starts = {
        "open in another Pairbrush": start("--workspace", workspace),
        "the port is taken": start("--workspace", tmp_path / "new", "--port", urlsplit(app_url).port),
    }
    try:
        for words, process in starts.items():
            _, told = process.communicate(timeout=300)
            assert process.returncode == 1, told
            assert words in told
            assert len(told.strip().splitlines()) == 1, told
    finally:
        for process in starts.values():
            process.kill()
