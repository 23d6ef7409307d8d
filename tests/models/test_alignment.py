import math

import torch

from editor.models.alignment import Alignment, Landmarks, similarity
from editor.models.transform import identity_flow


def test_landmarks_move_with_the_picture():
    torch.manual_seed(0)
    landmarks = Landmarks(stem_patch=4)
    image = torch.zeros(1, 3, 128, 128)
    image[..., 40:64, 40:64] = torch.rand(3, 24, 24)
    with torch.no_grad():
        landmarks.head.weight *= 20  # as clear as after training
        before, after = landmarks(image), landmarks(image.roll((16, 8), dims=(-2, -1)))
    shift = (after - before).mean(dim=1)[0] * 31 / 2 * 4  # pixels
    assert shift[0] > 0 and shift[1] > 1.2 * shift[0]


def test_landmarks_that_lie_together_change_nothing():
    places = identity_flow(torch.zeros(2, 3, 8, 8))
    middle = torch.zeros(2, 6, 2)
    torch.testing.assert_close(similarity(middle, middle, places), places)


def test_a_turned_and_enlarged_figure_is_found():
    points = 20 * torch.randn(3, 6, 2)  # so far apart that the ridge does not count
    angle = math.radians(30)
    turn = 1.5 * torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    goals = points @ turn.T + torch.tensor([0.3, -0.2])
    places = identity_flow(torch.zeros(3, 3, 5, 7))
    expected = torch.einsum("dc,bchw->bdhw", turn, places) + torch.tensor([0.3, -0.2])[:, None, None]
    torch.testing.assert_close(similarity(points, goals, places), expected, atol=2e-2, rtol=0)


def test_a_picture_lies_on_itself_at_the_start():
    image = torch.rand(2, 3, 32, 32)
    alignment = Alignment(stem_patch=4, channels=16)
    features = torch.randn(2, 16, 8, 8)
    torch.testing.assert_close(alignment(image, image, features), identity_flow(image), atol=1e-4, rtol=0)
