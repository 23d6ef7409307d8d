"""Weights that a package of Python brings along."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def installed_file(package: str, path: str) -> Path | None:
    """Return a file of a package; None where the package, or the file, is not there.

    The package is found and not imported: its modules may need others that are not there, and none of them is wanted.

    Args:
        package: Its name, as an import would have it.
        path: Of the file, in the package.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    file = Path(spec.submodule_search_locations[0]) / path
    return file if file.is_file() else None
