import torch

from editor.config import AugmentConfig
from editor.pairs.augment import augment

NOTHING = AugmentConfig(flip=0, degrees=0, translate=0, scale=0, shear=0, brightness=0, contrast=0, saturation=0, hue=0)


def test_both_pictures_get_the_same_draw():
    picture = torch.rand(3, 32, 32) * 2 - 1
    for seed in range(20):
        x_j, y_j = augment(
            torch.stack([picture, picture]), AugmentConfig(hue=0.05), torch.Generator().manual_seed(seed)
        )
        torch.testing.assert_close(x_j, y_j)


def test_all_off_changes_nothing():
    pair = torch.rand(2, 3, 32, 32) * 2 - 1
    assert torch.equal(augment(pair, NOTHING, torch.Generator().manual_seed(0)), pair)


def test_draws_differ_and_can_be_repeated():
    pair = torch.rand(2, 3, 32, 32) * 2 - 1
    first, again, other = (augment(pair, AugmentConfig(), torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_range_holds_and_no_frame_appears():
    """What a rotation brings in is mirrored content: a plain picture stays plain."""
    pair = torch.full((2, 3, 32, 32), 0.5)
    geometry = AugmentConfig(brightness=0, contrast=0, saturation=0)
    for seed in range(10):
        changed = augment(pair, geometry, torch.Generator().manual_seed(seed))
        torch.testing.assert_close(changed, pair, atol=1e-4, rtol=0)
    noisy = torch.rand(2, 3, 32, 32) * 2 - 1
    for seed in range(10):
        assert augment(noisy, AugmentConfig(), torch.Generator().manual_seed(seed)).abs().max() <= 1
