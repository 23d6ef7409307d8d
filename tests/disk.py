"""A disk that fails at a chosen moment."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """Counts what changes the disk. Attributes: `count`, and whether it `failed`."""

    def __init__(self, fail_at: int, number: int, is_lasting: bool) -> None:
        self.fail_at, self.number, self.is_lasting = fail_at, number, is_lasting
        self.count, self.failed = 0, False

    def check(self, path: object) -> None:
        self.count += 1
        if self.count == self.fail_at or (self.is_lasting and self.count > self.fail_at):
            self.failed = True
            raise OSError(self.number, os.strerror(self.number), str(path))


@contextmanager
def failing_disk(fail_at: int, number: int = errno.ENOSPC, is_lasting: bool = False) -> Iterator[Disk]:
    """Let the change number `fail_at` fail, a file being half written then.

    Args:
        fail_at: Counted from 1.
        number: The error.
        is_lasting: Whether every later write fails too. Files may still be moved and deleted, as on a full disk.
    """
    disk = Disk(fail_at, number, is_lasting)
    write_bytes, copyfile = Path.write_bytes, shutil.copyfile

    def write_half(path, data):
        try:
            disk.check(path)
        except OSError:
            write_bytes(path, data[: len(data) // 2])
            raise
        return write_bytes(path, data)

    def copy(source, place, **options):
        disk.check(place)
        return copyfile(source, place, **options)

    def checked(function):
        def call(path, *args, **options):
            if not (is_lasting or (function.__name__ == "mkdir" and path.is_dir())):
                disk.check(path)
            return function(path, *args, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_bytes", write_half)
        patch.setattr(shutil, "copyfile", copy)
        for name in ("replace", "rename", "mkdir"):
            patch.setattr(Path, name, checked(getattr(Path, name)))
        yield disk
