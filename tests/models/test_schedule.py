import torch

from editor.config import ScheduleConfig
from editor.models.schedule import LinearSchedule


def test_noise_grows_from_none_to_all():
    schedule = LinearSchedule(ScheduleConfig())
    assert schedule.alpha_bar[0] > 0.999
    assert schedule.alpha_bar[-1] < 1e-4
    assert (schedule.alpha_bar.diff() < 0).all()


def test_variance_is_kept():
    """Unit latents and unit noise make a unit mixture at every t."""
    schedule = LinearSchedule(ScheduleConfig())
    generator = torch.Generator().manual_seed(0)
    latents, noise = torch.randn(2, 5, 4, 64, 64, generator=generator)
    noisy = schedule.add_noise(latents, noise, torch.tensor([0, 250, 500, 750, 999]))
    torch.testing.assert_close(noisy.std(dim=(1, 2, 3)), torch.ones(5), atol=0.03, rtol=0)


def test_ends_of_the_schedule():
    schedule = LinearSchedule(ScheduleConfig())
    latents, noise = torch.randn(2, 1, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(schedule.add_noise(latents, noise, torch.tensor([0])), latents, atol=0.05, rtol=0)
    torch.testing.assert_close(schedule.add_noise(latents, noise, torch.tensor([999])), noise, atol=0.05, rtol=0)
