import torch
from torchmetrics.image import fid, lpip

from editor.metrics.perceptual import Perceptual


def test_what_cannot_be_had_is_none_and_one_sentence(monkeypatch):
    """Without internet, neither network can be downloaded."""

    def refuse(*_args, **_kwargs):
        raise OSError("no route to host\nsecond line")

    monkeypatch.setattr(fid, "FrechetInceptionDistance", refuse)
    monkeypatch.setattr(lpip, "LearnedPerceptualImagePatchSimilarity", refuse)
    perceptual = Perceptual(torch.device("cpu"))
    assert perceptual.notes == [
        f"{name} is left out, for its network cannot be had: no route to host." for name in ("LPIPS", "FID")
    ]
    pictures = torch.zeros(2, 3, 32, 32)
    assert perceptual.lpips(pictures, pictures) is None and perceptual.fid(pictures, pictures) is None


def test_what_can_be_had_is_asked(monkeypatch):
    class Fake(torch.nn.Module):
        def __init__(self, **_):
            super().__init__()
            self.seen = []

        def reset(self):
            self.seen = []

        def update(self, *images, real=None):
            assert all(image.shape == (1, 3, 32, 32) for image in images)
            assert real is None or images[0].min() >= 0
            self.seen.append(real)

        def compute(self):
            return torch.tensor(float(len(self.seen)))

    monkeypatch.setattr(fid, "FrechetInceptionDistance", Fake)
    monkeypatch.setattr(lpip, "LearnedPerceptualImagePatchSimilarity", Fake)
    perceptual = Perceptual(torch.device("cpu"))
    pictures = torch.full((2, 3, 32, 32), -1.5)
    assert perceptual.notes == []
    assert perceptual.lpips(pictures, pictures) == 2 and perceptual.fid(pictures, pictures) == 4
    assert perceptual.fid(pictures[:1], pictures[:1]) is None
