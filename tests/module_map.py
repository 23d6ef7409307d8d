"""Write docs/MAP.md: all modules, each with the first paragraph of its docstring. `python -m tests.module_map`."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAP = ROOT / "docs" / "MAP.md"
HEAD = """\
# Map of the modules

All Python modules of `editor/`. Generated from the docstrings by `python -m tests.module_map`; a test fails when it is
out of date. Pages are made of these, of `assets/*.js`, `assets/css/` and `editor/ui/templates/`. The tests mirror the
packages; `tests/browser/` drives the app in Chromium, `tests/faults/` attacks and kills it. See
[DEVELOPING.md](DEVELOPING.md) for what goes where.
"""


def summary(path: Path) -> str:
    """Return the first paragraph of a module's docstring in one line, without its full stop."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, f"{path} has no docstring"
    return " ".join(docstring.split("\n\n")[0].split()).removesuffix(".").replace("|", "\\|")


def render() -> str:
    """Return the whole map as Markdown, one table for each package."""
    packages: dict[Path, list[Path]] = {}
    for path in sorted((ROOT / "editor").rglob("*.py")):
        packages.setdefault(path.parent, []).append(path)
    parts = [HEAD]
    for package in sorted(packages):
        modules = [path for path in packages[package] if path.name != "__init__.py"]
        parts.append(f"## `{package.relative_to(ROOT).as_posix()}/`\n\n{summary(package / '__init__.py')}.\n")
        if modules:
            rows = [f"| `{path.name}` | {summary(path)} |" for path in modules]
            parts.append("\n".join(["| Module | What is there |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(parts)


if __name__ == "__main__":
    MAP.write_text(render(), encoding="utf-8")
