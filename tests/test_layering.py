"""Imports go one way (README, "How it is built"). Read from the source, so nothing is executed."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "editor"
BASE = {
    "color_profiles",
    "config",
    "errors",
    "files",
    "grain",
    "hub",
    "image_files",
    "images",
    "json_files",
    "levels",
    "device",
    "memory",
    "transparency",
    "validation",
    "zip_files",
}
# The model's side of a run, without anything that serves a person.
CORE = BASE | {"pairs", "data", "models", "metrics", "pasting", "training"}
MAY_IMPORT = {
    "errors": set(),
    "config": {"errors", "validation"},
    "validation": {"errors"},
    "files": set(),
    "grain": set(),
    "hub": {"errors"},
    "color_profiles": set(),
    "device": {"errors"},
    "transparency": set(),
    "image_files": {"color_profiles", "errors", "files", "transparency"},
    "images": {"config"},
    "levels": set(),
    "memory": set(),
    "zip_files": set(),
    "json_files": {"errors", "files", "validation"},
    "pairs": BASE,
    "samples": BASE | {"pairs"},
    "data": BASE | {"pairs"},
    "models": {"config", "grain", "levels"},
    "metrics": BASE | {"pairs"},
    "views": {"errors", "images", "models"},
    "pasting": {"data", "image_files", "images", "models"},
    "training": BASE | {"pairs", "data", "models", "metrics", "pasting"},
    "editing": CORE,
    "benchmarks": CORE | {"editing", "views"},
    "sharing": CORE | {"editing", "views"},
    "cli": CORE | {"editing", "benchmarks", "sharing"},
    "inspection": CORE | {"editing", "views"},
    "workspace": CORE | {"editing", "inspection", "samples", "sharing", "views"},
    "ui": {"config", "errors", "pairs", "samples", "training", "validation", "workspace"},
}
ONLY_IN = {"gradio": {"ui"}}
NEVER_IN = {"torch": {"ui"}}


def imported(source: str) -> set[tuple[str, str]]:
    """Return (top-level package, its child or '') for every import."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "use absolute imports"
            full = [node.module] if node.module != "editor" else [f"editor.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            full = [alias.name for alias in node.names]
        else:
            continue
        names |= {tuple((name + ".").split(".")[:2]) for name in full}
    return names


def test_imports_follow_the_layers():
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if layer in ("__init__", "__main__"):
            continue
        for package, child in imported(path.read_text(encoding="utf-8")):
            ours = package == "editor" and child not in MAY_IMPORT[layer] | {layer}
            misplaced = layer not in ONLY_IN.get(package, {layer}) or layer in NEVER_IN.get(package, set())
            if ours or misplaced:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {package}.{child}".rstrip("."))
    assert not wrong, "\n".join(wrong)


def test_no_globals_and_no_pickle():
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)], path
        assert "pickle" not in {package for package, _ in imported(path.read_text(encoding="utf-8"))}, path
