import json
import sys
from dataclasses import replace

import pytest
import torch

from editor.benchmarks import grid as grid_module
from editor.benchmarks import prompted
from editor.benchmarks.grid import Grid, run_grid
from editor.benchmarks.prompted import InstructPix2PixConfig, Prompted, SDEditConfig, read_prompts
from editor.benchmarks.results import ResultsFile
from editor.cli import main
from editor.errors import UserError
from editor.image_files import load_image

CPU = torch.device("cpu")
SIZE = 32
WITH_DIFFUSERS = pytest.mark.skipif(
    not all(map(prompted.find_spec, prompted.LIBRARIES)), reason="diffusers and transformers are not installed"
)
SMALL = {"size": 64, "steps": 3}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Folders of models by method."""
    from tests.standins.diffusion import write_model

    folder = tmp_path_factory.mktemp("models")
    return {
        "sdedit": write_model(folder / "sd"),
        "instruct-pix2pix": write_model(folder / "instruct", sees_picture=True),
    }


@pytest.fixture
def prompts(tmp_path, models):
    """A file of prompts for the toy task."""
    path = tmp_path / "prompts.json"
    entries = {
        method: {"prompts": {"toy": f"a blue disc of {method}"}, "model": str(folder), **SMALL}
        for method, folder in models.items()
    }
    path.write_text(json.dumps(entries))
    return path


def configs(models):
    return [
        SDEditConfig(prompt="a blue disc", model=str(models["sdedit"]), strength=0.7, **SMALL),
        InstructPix2PixConfig(prompt="make it blue", model=str(models["instruct-pix2pix"]), **SMALL),
    ]


def grid_of(task, methods, prompts=None):
    return Grid.parse(
        tasks=[task], methods=methods, shots="4", minutes="", steps="1", size=SIZE, seeds=1, prompts=prompts
    )


@WITH_DIFFUSERS
def test_the_command_scores_them_beside_others_and_resumes(task, models, prompts, small_models, monkeypatch, capsys):
    output = prompts.with_name("out")

    def run(*methods):
        words = ["editor", "benchmark", task.train_pairs.directory.parent, "--methods", ",".join(methods)]
        words += ["--shots", 4, "--steps", 1, "--size", SIZE, "--device", "cpu", "--yes", "--prompts", prompts]
        monkeypatch.setattr(sys, "argv", [str(word) for word in (*words, "--output", output)])
        with pytest.raises(SystemExit) as exit_:
            main()
        return exit_.value.code, capsys.readouterr()

    both = ("sdedit", "instruct-pix2pix")
    code, said = run(*both, "pix2pix", "do-nothing")
    assert code == 0, said.err
    results = {result.cell.method: result for result in ResultsFile(output / "results.jsonl").read()}
    text = (output / "tables.md").read_text()
    for method in both:
        result = results[method]
        assert result.settings["prompt"] == f"a blue disc of {method}" and result.settings["model"] == str(
            models[method]
        )
        assert result.settings["steps"] == 3 and result.settings["guidance"] == 7.5
        assert not result.cell.is_trained and result.parameters > 20_000 and result.seconds_per_edit > 0
        edits = sorted((output / result.cell.folder).iterdir())
        assert len(edits) == 3 and load_image(edits[0]).size == (SIZE, SIZE)
        assert f"| {method} | – | – |" in text
    assert results["sdedit"].settings["strength"] == 0.5
    assert results["sdedit"].figures.psnr != results["do-nothing"].figures.psnr
    curve, sheet = next((output / "curves").iterdir()), next((output / "sheets").iterdir())
    assert load_image(curve).size and load_image(sheet).width > 5 * 128  # source, three methods, truth

    # Again: nothing is computed. With another prompt, one is told that these are not its edits.
    edited = []
    monkeypatch.setattr(Prompted, "edit", lambda self, x: edited.append(x))
    assert run(*both)[0] == 0 and not edited
    prompts.write_text(prompts.read_text().replace("of sdedit", "and a hat"))
    code, said = run(*both)
    *_, sentence = said.err.strip().splitlines()  # before it stands what is left out where no package judges by the eye
    assert code == 1 and "these edits were made with another prompt: 'a blue disc of sdedit'" in sentence
    assert not edited and "Traceback" not in said.err


@WITH_DIFFUSERS
@pytest.mark.parametrize("which", [0, 1], ids=["sdedit", "instruct-pix2pix"])
def test_an_edit_is_the_same_again_whatever_else_is_edited(models, which):
    config = configs(models)[which]
    x = torch.rand(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(3)) * 2 - 1
    together = Prompted(config, CPU).edit(x)
    torch.manual_seed(7)
    assert together.shape == x.shape and together.dtype == torch.float32
    assert torch.equal(Prompted(config, CPU).edit(x[1:]), together[1:])
    other = Prompted(replace(config, prompt="hat", guidance=20.0), CPU).edit(x)
    assert not torch.equal(other, together), "the prompt counts"


@WITH_DIFFUSERS
def test_strength_is_how_far_an_edit_may_go(models):
    x = torch.rand(1, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(3)) * 2 - 1
    config = replace(configs(models)[0], steps=10)
    little, much = (Prompted(replace(config, strength=strength), CPU).edit(x) for strength in (0.1, 1.0))
    assert not torch.equal(little, much)


@WITH_DIFFUSERS
def test_a_stop_between_two_pictures_drops_the_row(task, prompts, tmp_path, monkeypatch):
    edit, done = Prompted._edit, []
    monkeypatch.setattr(Prompted, "_edit", lambda self, image: done.append(image) or edit(self, image))
    grid = grid_of(task, "do-nothing,sdedit", prompts)
    assert not run_grid(grid, tmp_path / "out", device=CPU, should_stop=lambda: bool(done))
    assert len(done) == 1
    assert [r.cell.method for r in ResultsFile(tmp_path / "out" / "results.jsonl").read()] == ["do-nothing"]


@WITH_DIFFUSERS
def test_weights_come_from_the_hub_at_the_revision_and_only_as_safetensors(models, hub):
    files = {
        str(path.relative_to(models["sdedit"])): path.read_bytes()
        for path in models["sdedit"].rglob("*")
        if path.is_file()
    }
    others = {"unet/diffusion_pytorch_model.bin": b"x", "safety_checker/model.safetensors": b"x", "run.py": b"x"}
    commit = hub.add("you/tiny", {**files, **others})
    hub.add("you/tiny", {"model_index.json": b"{}"})  # a later version that is of no use
    config = replace(configs(models)[0], model="you/tiny", revision=commit)
    x = torch.zeros(1, 3, SIZE, SIZE)
    assert torch.equal(Prompted(config, CPU).edit(x), Prompted(configs(models)[0], CPU).edit(x))
    asked = [path for _, path, _ in hub.requests]
    assert any("unet/diffusion_pytorch_model.safetensors" in path for path in asked)
    assert not any(path.endswith(other) for path in asked for other in others)


@WITH_DIFFUSERS
def test_weights_that_cannot_be_had_leave_the_others_their_results(task, models, prompts, hub, tmp_path, capsys):
    entry = json.loads(prompts.read_text())["sdedit"]
    entry["model"] = "nobody/nothing"
    prompts.write_text(json.dumps({"sdedit": entry}))
    assert not run_grid(grid_of(task, "sdedit,do-nothing", prompts), tmp_path / "out", device=CPU)
    assert "sdedit-0-shots-0-min-32-px-seed-0 of toy is left out: There is no nobody/nothing on the Hub" in (
        capsys.readouterr().out
    )
    assert [r.cell.method for r in ResultsFile(tmp_path / "out" / "results.jsonl").read()] == ["do-nothing"]


@WITH_DIFFUSERS
@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("{instruct-pix2pix}", "holds another kind of model than StableDiffusionImg2ImgPipeline"),
        ("/nowhere/at/all", "no folder, and no user/model"),
        ("{empty}", "cannot be had: .*model_index.json"),
        ("{pickled}", "cannot be had: .*safetensors"),
    ],
)
def test_a_folder_that_is_none_is_a_sentence(models, tmp_path, model, sentence):
    from tests.standins.diffusion import write_model

    places = {**models, "empty": tmp_path / "empty", "pickled": tmp_path / "pickled"}
    places["empty"].mkdir()
    weights = write_model(places["pickled"]) / "text_encoder" / "model.safetensors"
    weights.rename(weights.with_name("pytorch_model.bin"))
    with pytest.raises(UserError, match=sentence) as error:
        Prompted(SDEditConfig(prompt="a hat", model=model.format(**places), **SMALL), CPU)
    assert "\n" not in str(error.value)


def test_where_the_libraries_are_not_installed_nothing_is_begun(task, tmp_path, monkeypatch):
    path = tmp_path / "prompts.json"
    path.write_text('{"sdedit": {"prompts": {"toy": "a blue disc"}}}')
    monkeypatch.setattr(prompted, "find_spec", lambda name: None)
    monkeypatch.setattr(grid_module, "run_trial", lambda cell, **rest: pytest.fail("nothing may be computed"))
    with pytest.raises(UserError, match="Install them with: .venv/bin/pip install 'diffusers"):
        run_grid(grid_of(task, "do-nothing,sdedit", path), tmp_path / "out", device=CPU)


def test_a_prompt_for_each_task_is_asked_for_first(task, tmp_path):
    with pytest.raises(UserError, match="sdedit has no prompt for the task toy. Give --prompts FILE"):
        grid_of(task, "do-nothing,sdedit")
    path = tmp_path / "prompts.json"
    path.write_text('{"sdedit": {"prompts": {"other": "x"}}, "instruct-pix2pix": {"prompts": {"toy": "x"}}}')
    with pytest.raises(UserError, match="sdedit has no prompt for the task toy"):
        grid_of(task, "instruct-pix2pix,sdedit", path)
    grid_of(task, "instruct-pix2pix", path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "cannot be used"),
        ("[]", "cannot be used"),
        ('{"toy": "a hat"}', "no method 'toy' takes prompts. Choose from sdedit, instruct-pix2pix"),
        ('{"sdedit": "a hat"}', "sdedit has no prompts"),
        ('{"sdedit": {"prompts": "a hat"}}', "sdedit has no prompts"),
        ('{"sdedit": {"prompts": {"toy": 3}}}', "sdedit, toy: prompt cannot be 3"),
        ('{"sdedit": {"prompts": {"toy": ""}}}', "sdedit, toy: prompt"),
        ('{"sdedit": {"prompts": {"toy": "a"}, "image_guidance": 2}}', "no setting named image_guidance"),
        ('{"sdedit": {"prompts": {"toy": "a"}, "strength": 2}}', "strength=2 must be from 0.02 to 1"),
        ('{"sdedit": {"prompts": {"toy": "a"}, "steps": 1}}', "leaves SDEdit no step"),
        ('{"sdedit": {"prompts": {"toy": "a"}, "size": 100}}', "size"),
        ('{"sdedit": {"prompts": {"toy": "a"}, "guidance": NaN}}', "guidance"),
        ('{"instruct-pix2pix": {"prompts": {"toy": "a"}, "strength": 0.5}}', "no setting named strength"),
    ],
)
def test_a_file_of_prompts_that_is_none_is_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "prompts.json"
    path.write_text(text)
    with pytest.raises(UserError, match=sentence) as error:
        read_prompts(path)
    assert "\n" not in str(error.value)
