from dataclasses import fields

import torch

from editor.config import AugmentConfig
from editor.data.dataset import PairDataset
from editor.training.edit_similarity import EditSimilarity


def two_kinds(count=20):
    """Squares somewhere on a random ground become red in even pairs and blue in odd ones."""
    generator = torch.Generator().manual_seed(0)
    images = (torch.rand(count, 1, 3, 1, 1, generator=generator) - 0.5).repeat(1, 2, 1, 32, 32)
    for index, (_, target) in enumerate(images):
        x, y = torch.randint(6, 14, (2,), generator=generator).tolist()
        color = (1.0, -1.0, -1.0) if index % 2 == 0 else (-1.0, -1.0, 1.0)
        target[:, y : y + 14, x : x + 14] = torch.tensor(color)[:, None, None]
    return PairDataset.of(tuple(map(str, range(count))), images)


def test_the_pair_itself_is_most_alike():
    similarity = EditSimilarity(two_kinds())
    j = torch.arange(20)
    everything = j.expand(20, 2, 20)
    assert torch.equal(similarity.nearest(j, everything), j[:, None].expand(20, 2))


def test_references_are_of_the_same_kind_nearly_always():
    pairs = two_kinds()
    still = AugmentConfig(**dict.fromkeys([field.name for field in fields(AugmentConfig)], 0.0))

    def same_kind(nearest):
        batch = pairs.sample(
            batch_size=400,
            group_size=2,
            config=still,
            generator=torch.Generator().manual_seed(0),
            nearest=nearest,
        )
        red = [side.flatten(2)[:, 0].amax(dim=1) > 0.9 for side in (batch.y_i[:, 0], batch.y_j)]
        return (red[0] == red[1]).float().mean().item()

    assert same_kind(EditSimilarity(pairs).nearest) > 0.85
    assert 0.4 < same_kind(None) < 0.65


def test_pairs_without_any_edit_are_no_trouble():
    pairs = PairDataset.of("abcd", torch.zeros(4, 2, 3, 32, 32))
    assert EditSimilarity(pairs).nearest(torch.arange(4), torch.ones(4, 1, 3, dtype=torch.long)).tolist() == [[1]] * 4
