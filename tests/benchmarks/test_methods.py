from dataclasses import replace

import pytest
import torch

from editor.benchmarks.methods import RIVALS, UNTRAINED, VARIANTS, Ours, build, configure
from editor.benchmarks.scoring import score
from editor.config import Budget, DetailConfig, LossWeights, RunConfig
from editor.errors import UserError
from editor.metrics.psnr import MAX_PSNR

CPU = torch.device("cpu")


def make(method, training):
    return build(method, training, size=32, budget=Budget(minutes=1), seed=0, device=CPU)


@pytest.mark.parametrize("method", [*VARIANTS, *RIVALS, *UNTRAINED])
def test_every_method_trains_and_edits(task, small_models, method):
    learner = make(method, task.training(3, 32))
    for _ in range(2):
        learner.training_step(0.1)  # of ours, some half a second of steps
    x = task.test(32).x
    y_hat = learner.edit(x)
    assert y_hat.shape == x.shape and y_hat.device == CPU and y_hat.isfinite().all()
    if method in UNTRAINED:
        assert learner.step == learner.num_parameters == 0
    else:
        assert learner.step >= 2 and learner.num_parameters > 1000


def test_each_variant_changes_one_thing():
    changed = {name: configure(name, 128, seed=3) for name in VARIANTS}
    ours = changed["ours"]
    assert ours.seed == 3 and ours.preset == "draft"
    assert changed["one-to-one"].one_to_one and not changed["without-transform"].use_transform
    assert not changed["without-skips"].use_skips and changed["with-noise"].use_noise
    assert changed["without-frequency"].loss_weights == LossWeights(frequency=0.0)
    assert changed["without-edges"].loss_weights == LossWeights(edges=0.0)
    assert not changed["without-x_j"].use_x_j and changed["direct"].output == "direct"
    assert changed["n-3"].group_size == 3
    for name, config in changed.items():
        differing = [
            field for field in RunConfig.__dataclass_fields__ if getattr(config, field) != getattr(ours, field)
        ]
        assert len(differing) == {"ours": 0, "without-x_j": 2}.get(name, 1)


def test_the_preset_follows_the_size():
    assert [configure("ours", size, 0).preset for size in (64, 128, 256, 512, 768)] == [
        "draft", "draft", "standard", "fine", "fine",
    ]  # fmt: skip


def test_ours_is_what_a_person_gets(task, small_models):
    """A pair is held out, the weights are the chosen ones, and the time shapes the learning rate."""
    learner = make("ours", task.training(6, 32))
    learner.training_step(0.0)
    trainer = learner._trainer
    assert trainer.held_out.names == ("0003",) and len(trainer.training) == 5
    learner.training_step(30.0)
    assert 0.4 < trainer.progress.share < 0.6, "time that is not spent in training_step does not count"
    assert torch.equal(learner.edit(task.test(32).x), learner.edit(task.test(32).x))

    learner.training_step(60.0)  # the end
    assert learner._selection.best_psnr >= trainer.preview().psnr
    assert learner._chosen is not trainer.averaged.module, "later steps do not change what was chosen"


def test_ours_learns_fine_detail_first_where_a_run_would(task, small_models):
    config = replace(configure("ours", 32, 0), detail=DetailConfig(mode="on"))
    learner = Ours(config, task.training(6, 32), budget=Budget(steps=4), device=CPU)
    while learner.step < 4:
        learner.training_step(0.0)
    assert learner._trainer.progress.detail_step == 2
    assert learner.settings.detail == DetailConfig(mode="on", size=32, scale=1.0), "what the run keeps"
    assert learner.edit(task.test(32).x).isfinite().all()


def test_unknown_methods_are_refused(task):
    with pytest.raises(UserError, match="no method 'magic'"):
        make("magic", task.training(2, 32))


def test_figures_of_a_perfect_edit_and_of_nothing(task):
    test = task.test(32)
    perfect = score(x=test.x, y_hat=test.y, y=test.y)
    assert (perfect.psnr, perfect.diou, perfect.union_diou) == (MAX_PSNR, 1, 1)
    assert (perfect.error_inside, perfect.error_outside, perfect.lpips, perfect.fid) == (0, 0, None, None)
    assert (perfect.ssim, perfect.sharpness, perfect.sharpness_inside) == pytest.approx((1, 1, 1), abs=1e-4)
    idle = score(x=test.x, y_hat=make("do-nothing", test).edit(test.x), y=test.y)
    assert idle.psnr < 20 and idle.diou == idle.union_diou == 0
    assert idle.error_inside > 50 and idle.error_outside < 1
    jpeg = score(x=test.x, y_hat=make("jpeg-95", test).edit(test.x), y=test.y)
    assert 0 < jpeg.error_outside < 8


def test_a_figure_that_is_not_defined_is_none():
    flat = torch.zeros(2, 3, 32, 32)
    figures = score(x=flat, y_hat=flat, y=flat)
    assert figures.error_inside is None and figures.sharpness is None and figures.error_outside == 0


def test_shots_are_the_first_by_name_and_none_is_held_out(task):
    assert task.training(4, 32).names == ("0000", "0001", "0002", "0003")
    assert len(task.training(60, 32)) == 6 and len(task.test(32)) == 3
