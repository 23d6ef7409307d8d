from dataclasses import replace

import pytest
import torch

from editor.config import Budget
from editor.editing.editor import Editor
from editor.images import to_image, to_tensor
from editor.training.crispness import MOST
from editor.training.previews import MAX_SHOWN, Previewer
from editor.training.registration import Registered
from editor.training.trainer import Trainer


def test_previews_say_how_crisp_edits_are_to_be(trainer, tiny_config):
    """The same weights and draws with and without: only the answer's detail differs, and no step learns from it."""
    list(trainer.run(Budget(steps=20)))
    crispness = trainer.averaged.module.crispness
    assert 0 < crispness <= MOST
    assert trainer.model.crispness == 0
    pairs = Registered(trainer.training, trainer.held_out, None)
    plain = Trainer(replace(tiny_config, crispen=False), pairs, torch.device("cpu"))
    list(plain.run(Budget(steps=20)))
    assert plain.averaged.module.crispness == 0
    for a, b in zip(trainer.model.parameters(), plain.model.parameters()):
        assert torch.equal(a, b)
    for name, picture in trainer.preview().pictures.items():
        assert not torch.equal(picture, plain.preview().pictures[name])


def previewer(trainer, pairs: Registered) -> Previewer:
    return Previewer(trainer.averaged.module, pairs, trainer.config, trainer.device)


def test_the_same_weights_give_the_same_preview(trainer):
    list(trainer.run(Budget(steps=2)))
    first, again = trainer.preview(), trainer.preview()
    assert (first.step, first.psnr, first.ssim) == (again.step, again.psnr, again.ssim) and first.step == 2
    assert first.is_held_out and list(first.pictures) == list(trainer.held_out.names)
    for name, picture in first.pictures.items():
        assert torch.equal(picture, again.pictures[name])


def test_without_held_out_pairs_some_of_those_trained_on_are_shown_and_marked_so(trainer):
    nobody = trainer.held_out[:0]
    preview = previewer(trainer, Registered(trainer.training, nobody, None)).preview(step=3, seconds=1.5)
    assert (preview.step, preview.seconds, preview.is_held_out) == (3, 1.5, False)
    assert tuple(preview.pictures) == trainer.training.names[:MAX_SHOWN]


@pytest.mark.usefixtures("placed_well")
@pytest.mark.parametrize("most_worse", [0.0, float("inf")])
def test_previews_are_what_the_editor_makes_pasted_or_not(trained_run, monkeypatch, most_worse):
    monkeypatch.setattr("editor.pasting.paste.MOST_WORSE", most_worse)
    editor = Editor.load(trained_run.path, "cpu")
    rows = [editor.index(name) for name in editor.references]
    held_out = [index for index in range(len(editor.pairs)) if index not in rows]
    pairs = Registered(editor.pairs[rows], editor.pairs[held_out], None)
    shown = Previewer(editor.model, pairs, trained_run.config, editor.device).preview(step=9, seconds=1.0)
    assert editor.adds == (most_worse > 0) and list(shown.pictures) == list(pairs.held_out.names)
    for name, picture in shown.pictures.items():
        source = to_image(editor.pair(name)[0])
        edit, other = (to_tensor(editor.edit(source, reference=None, seed=seed).image) for seed in (0, 1))
        assert (picture - edit).abs().mean() <= max(0.02, 2 * (edit - other).abs().mean())
        before = to_tensor(source)
        assert (picture - before).abs().mean() > 0.05
    at_first = Previewer(editor.model, pairs, trained_run.config, editor.device).preview(
        step=0, seconds=0.0, is_base=True
    )
    if most_worse:  # nothing is pasted before anything was learned
        assert any(not torch.equal(at_first.pictures[name], shown.pictures[name]) for name in shown.pictures)


def test_with_little_memory_the_same_is_shown(trainer, monkeypatch):
    """One picture at a time, each with the noise that it would have had among the others."""
    with torch.no_grad():
        for name, parameter in trainer.averaged.named_parameters():
            if name.endswith("strength"):
                parameter.fill_(0.3)  # zero at first, and then the decoder's noise would not count
            elif not parameter.any():
                parameter.normal_(std=0.05, generator=torch.Generator().manual_seed(0))
    pairs = Registered(trainer.training, trainer.training[:3], None)
    expected = previewer(trainer, pairs).preview(step=0, seconds=0.0)
    forward, given = type(trainer.model).forward, []

    def limited(model, *, x_j, **more):
        given.append(len(x_j))
        if len(x_j) > 1:
            raise MemoryError
        return forward(model, x_j=x_j, **more)

    monkeypatch.setattr(type(trainer.model), "forward", limited)
    preview = previewer(trainer, pairs).preview(step=0, seconds=0.0)
    assert max(given) > 1 and given[-3:] == [1, 1, 1]
    for name, picture in expected.pictures.items():
        torch.testing.assert_close(preview.pictures[name], picture, rtol=0, atol=0.02)
