"""What the README says is there is there."""

import re
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from editor.config import PRESETS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def module_map() -> str:
    return README.split("## Module map")[1].split("## ")[0]


def test_every_path_of_the_module_map_exists():
    paths = re.findall(r"^\| `([^`]+)`", module_map(), flags=re.MULTILINE)
    assert len(paths) > 30
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert not missing


def test_every_module_is_in_the_map():
    mapped = re.findall(r"^\| `([^`]+)`", module_map(), flags=re.MULTILINE)
    modules = [p.relative_to(ROOT) for p in (ROOT / "editor").rglob("*.py") if p.name != "__init__.py"]
    unmapped = [str(m) for m in modules if m.as_posix() not in mapped and f"{m.parent.as_posix()}/" not in mapped]
    assert not unmapped


def test_every_file_of_the_reading_notes_exists():
    notes = README.split("## Reading notes")[1].split("## ")[0]
    for path in re.findall(r"`([a-z_/]+\.py)`", notes):
        assert (ROOT / "editor" / path).is_file(), path


def test_pictures_exist():
    for path in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / path).stat().st_size > 10_000, path


def test_space_front_matter_fits_the_project():
    front = yaml.safe_load(README.split("---")[1])
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    assert {"title", "emoji", "license"} <= set(front)
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    gradio = next(requirement for requirement in wanted if requirement.name == "gradio")
    assert gradio.specifier.contains(front["sdk_version"])


def test_presets_are_those_of_the_text():
    for name, config in PRESETS.items():
        assert f"`{name}` {config.image_size} px" in README
