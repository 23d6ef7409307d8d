"""An effect edits in a script that has no Gradio, and none of what only pages and the command line need."""

import subprocess
import sys

import pytest
from PIL import Image

from editor.sharing.effect import export_effect
from tests.conftest import draw_toy_pair
from tests.processes import ROOT

# What a script needs: torch, torchvision, Pillow, NumPy, einops, safetensors, pydantic, and filelock and
# tqdm, which huggingface_hub brings along.
FORBIDDEN = "fastapi,gradio,gradio_client,jinja2,markupsafe,starlette,torchmetrics,typer,uvicorn"
SCRIPT = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {FORBIDDEN.split(",")}:
            raise ImportError(f"{{name}} is not installed")

sys.meta_path.insert(0, Absent())

from editor import Editor

Editor.load(sys.argv[1], "cpu").edit(__import__("PIL.Image").Image.open(sys.argv[2])).image.save(sys.argv[3])
"""


@pytest.fixture
def run_script(tmp_path):
    def run(*arguments):
        command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


def test_an_effect_edits_where_there_is_no_gradio(trained_run, tmp_path, run_script):
    effect, photo, edit = (tmp_path / name for name in ("toy.pairbrush", "photo.png", "edit.png"))
    export_effect(trained_run, effect)
    source, target = draw_toy_pair(100)
    source.save(photo)
    for place in (effect, trained_run.path):
        done = run_script(place, photo, edit)
        assert done.returncode == 0, done.stderr
        before, after = (
            Image.open(path).convert("RGB").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
            for path in (photo, edit)
        )
        assert after[2] > before[2] + 10 and after[0] < before[0] - 10, "the disc is blue"


def test_what_is_forbidden_is_missed(run_script, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("from editor import Editor", "import gradio")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "gradio is not installed" in done.stderr
