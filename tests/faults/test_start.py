"""Starts that cannot be: one line, and an exit status that says so."""

from urllib.parse import urlsplit

from tests.processes import start


def test_starts_that_cannot_be_end_with_one_line(server, tmp_path):
    starts = {
        "open in another Pairbrush": ("--workspace", server.workspace),
        "the port is taken": ("--workspace", tmp_path / "new", "--port", urlsplit(server.url).port),
    }
    for words, flags in starts.items():
        log = tmp_path / "app.log"
        process = start("app.py", "--no-browser", *flags, output=log)
        process.join(300)
        process.kill()
        process.join()
        told = log.read_text()
        assert process.exitcode == 1, told
        assert words in told
        assert len(told.strip().splitlines()) == 1, told
