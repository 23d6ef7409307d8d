from dataclasses import replace

import pytest
import torch

from editor.benchmarks.pix2pix import Pix2Pix, Pix2PixConfig, improved, published
from editor.config import Budget
from editor.errors import UserError
from editor.metrics.psnr import psnr
from editor.training.setbacks import TrainingError

CPU = torch.device("cpu")


def make(config, training, minutes=1e4):
    return Pix2Pix(config, training, budget=Budget(minutes=minutes), seed=0, device=CPU)


@pytest.mark.parametrize("settings", [published, improved])
def test_it_learns_the_toy_effect(task, settings):
    training, test = task.training(6, 32), task.test(32)
    torch.manual_seed(0)
    learner = make(replace(settings(32), width=12), training)
    first = sum(learner.training_step(0).l1 for _ in range(5))
    for _ in range(100 if settings is published else 40):
        learner.training_step(0)
    assert sum(learner.training_step(0).l1 for _ in range(5)) < 0.7 * first
    assert psnr(learner.edit(test.x), test.y).mean() > psnr(test.x, test.y).mean()


def test_settings_are_the_published_ones():
    config = published(128)
    assert (config.l1_weight, config.learning_rate, config.betas, config.batch_size) == (100, 2e-4, (0.5, 0.999), 1)
    assert (config.width, config.dropout, config.adversarial, config.augment) == (64, 0.5, "vanilla", None)


def test_jitter_moves_source_and_target_alike(task):
    training = task.training(6, 32)
    same = replace(training, pixels=training.pixels[:, :1].expand(-1, 2, -1, -1, -1))
    learner = make(published(32), same)
    crops = [learner._sample() for _ in range(8)]
    assert all(torch.equal(x, y) and x.shape == (1, 3, 32, 32) for x, y in crops)
    assert len({x.sum().item() for x, _ in crops}) > 4


def test_rates_end_at_zero(task):
    for settings, half in ((published, 1.0), (improved, 0.5)):
        learner = make(settings(32), task.training(2, 32), minutes=10 / 60)
        top = learner.settings.learning_rate
        assert [learner._learning_rate(s) / top for s in (0, 5, 10, 11)] == pytest.approx([1, half, 0, 0])


def test_the_same_seed_gives_the_same_model(task):
    edits = []
    for _ in range(2):
        torch.manual_seed(3)
        learner = make(replace(published(32), width=8), task.training(6, 32))
        for _ in range(3):
            learner.training_step(0)
        torch.manual_seed(0)
        edits.append(learner.edit(task.test(32).x))
    assert torch.equal(*edits)


def test_only_the_improved_one_starts_as_do_nothing(task):
    x = task.test(32).x
    assert torch.equal(make(replace(improved(32), width=8), task.training(2, 32)).edit(x), x)
    assert not torch.equal(make(replace(published(32), width=8), task.training(2, 32)).edit(x), x)


def test_a_loss_that_is_no_number_ends_the_training(task):
    learner = make(replace(improved(32), width=8), task.training(2, 32))
    with torch.no_grad():
        learner.generator.up[0][1].bias.fill_(torch.nan)
    with pytest.raises(TrainingError, match="stopped being a number"):
        learner.training_step(0)


def test_sizes_that_cannot_be_halved_are_refused():
    with pytest.raises(UserError, match="steps of 16"):
        Pix2PixConfig(image_size=100)
