from dataclasses import replace

import pytest
import torch

from editor.config import AugmentConfig
from editor.data.augment import augment

NOTHING = AugmentConfig(flip=0, degrees=0, translate=0, scale=0, shear=0, brightness=0, contrast=0, saturation=0, hue=0)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def pairs():
    return torch.rand(6, 2, 3, 32, 32, generator=generator()) * 2 - 1


def test_both_pictures_of_a_pair_get_the_same_draw(pairs):
    pairs[:, 1] = pairs[:, 0]
    x_j, y_j = augment(pairs, AugmentConfig(hue=0.05), generator()).unbind(1)
    torch.testing.assert_close(x_j, y_j)


def test_every_pair_gets_a_draw_of_its_own(pairs):
    changed = augment(pairs[:1].expand(4, -1, -1, -1, -1), AugmentConfig(), generator())
    assert not any(torch.equal(changed[0], other) for other in changed[1:])


def test_all_off_changes_nothing(pairs):
    assert torch.equal(augment(pairs, NOTHING, generator()), pairs)


def test_draws_differ_and_can_be_repeated(pairs):
    first, again, other = (augment(pairs, AugmentConfig(), generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_sure_flip_mirrors(pairs):
    assert torch.equal(augment(pairs, replace(NOTHING, flip=1.0), generator()), pairs.flip(-1))


def test_a_shift_moves_by_its_share_of_the_side():
    pairs = torch.full((1, 2, 3, 32, 32), -1.0)
    pairs[..., 16, 16] = 1.0
    changed = augment(pairs.expand(50, -1, -1, -1, -1), replace(NOTHING, translate=0.25), generator())
    moved = changed[:, 0, 0].flatten(1).argmax(dim=1)
    distances = torch.stack([moved // 32 - 16, moved % 32 - 16]).abs()
    assert 6 <= distances.max() <= 8


def test_range_holds_and_no_frame_appears(pairs):
    """What a rotation brings in is mirrored content: a plain picture stays plain."""
    plain = torch.full((10, 2, 3, 32, 32), 0.5)
    geometry = AugmentConfig(brightness=0, contrast=0, saturation=0)
    torch.testing.assert_close(augment(plain, geometry, generator()), plain, atol=1e-4, rtol=0)
    assert augment(pairs, AugmentConfig(), generator()).abs().max() <= 1


def test_grey_stays_grey_whatever_the_hue_and_saturation(pairs):
    grey = pairs.mean(dim=2, keepdim=True).expand_as(pairs)
    changed = augment(grey, replace(NOTHING, hue=0.5, saturation=0.5), generator())
    torch.testing.assert_close(changed, grey, atol=1e-5, rtol=0)


def test_a_third_of_the_hue_circle_turns_red_into_green_or_blue():
    red = torch.full((200, 2, 3, 4, 4), -1.0)
    red[:, :, 0] = 1.0
    strongest = augment(red, replace(NOTHING, hue=0.5), generator())[:, 0].mean(dim=(2, 3)).argmax(dim=1)
    assert set(strongest.tolist()) == {0, 1, 2}
