"""What the README and the documents say is there is there."""

import re
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from editor.config import PRESETS
from tests import module_map

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_map_of_modules_is_up_to_date():
    """`python -m tests.module_map` writes it anew."""
    assert module_map.MAP.read_text(encoding="utf-8") == module_map.render()


def test_every_path_that_the_guide_names_exists():
    guide = (ROOT / "docs" / "DEVELOPING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:tests|editor|[a-z_]+)/[a-z_/]+(?:\.py|/))`", guide)
    assert len(paths) > 15
    missing = [path for path in paths if not (ROOT / path).exists() and not (ROOT / "editor" / path).exists()]
    assert not missing


def test_every_file_of_the_reading_notes_exists():
    notes = (ROOT / "docs" / "PAPER.md").read_text(encoding="utf-8")
    paths = re.findall(r"`([a-z_/]+\.py)`", notes)
    assert len(paths) > 10
    for path in paths:
        assert (ROOT / "editor" / path).is_file(), path


def test_every_link_between_documents_leads_somewhere():
    for document in (ROOT / "README.md", ROOT / "SECURITY.md", *(ROOT / "docs").glob("*.md")):
        for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / path).exists(), f"{document.name}: {path}"


def test_the_readme_is_short():
    assert len(README.encode()) < 12_000


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
    assert front["python_version"] == "3.12" and front["suggested_hardware"] == "cpu-upgrade"  # 3.12 is on ZeroGPU, too
    assert front["hf_oauth"] and front["hf_oauth_scopes"] == ["contribute-repos"]  # no more than a push needs
    by_name = {requirement.name: requirement.specifier for requirement in wanted}
    for torch, torchvision in (("2.8.0", "0.23.0"), ("2.9.1", "0.24.1"), ("2.10.0", "0.25.0"), ("2.11.0", "0.26.0")):
        assert by_name["torch"].contains(torch) and by_name["torchvision"].contains(torchvision)  # those of ZeroGPU


def test_presets_are_those_of_the_text():
    for name, config in PRESETS.items():
        assert f"`{name}` {config.image_size} px" in README
