"""Find what the grain of targets is like, if an effect adds any: by what no surroundings in the source explain."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from einops import rearrange
from PIL import Image
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from torch import Tensor
from torch.nn import functional

from editor.data.dataset import to_float
from editor.files import replace_file
from editor.grain import NUM_TAPS, NUM_TONES, TONE, Grain
from editor.training.local_probe import is_local_filter

PATCH = 24  # pixels
CROP = 10 * PATCH
CORNERS = ((0.5, 0.5), (0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8))  # middles of the crops of a pair, as shares
MAX_PAIRS = 10
CALM = 4  # pixels along both sides whose average is without grain, by which colors are told
COARSE = 17  # pixels: what changes more slowly is no grain
PLAIN = 0.3  # share of the patches, those whose sources have least detail, where only grain is left
DARKEST, BRIGHTEST = 24.0, 231.0  # mean of a patch: beyond, grain is cut off
LEAST_PATCHES = 100
# In plain patches, after what the source explains. Deviation: in levels, the median over patches. It must exceed that
# of the source's own noise, which moves along where a picture is moved, and be no pattern such as a halftone.
LEAST_DEVIATION, MOST_DEVIATION, LEAST_ADDED = 2.0, 30.0, 1.5
MOST_SPREAD = 0.15  # standard deviation of the logarithm of deviations between patches of one tone
KURTOSIS = 2.3, 7.0  # of normal chance 3, of patterns of two values 1, of rare dots much more
MOST_REPEATED = 0.12  # correlation with itself beyond the kernel's reach
SHAPES = ([NUM_TAPS], [3, 3], [3, NUM_TONES])  # in a file
ONE_COLOR = 0.97  # correlation of two channels above which grain is the same in both
TONE_BLUR, FAR_BLUR, FAR = 8.0, 64.0, 1e-3  # levels, and the weight of tones that are further away


class GrainProbe:
    """Looks at the pairs of a new run at the full size of their files, one after the other."""

    def __init__(self, seed: int) -> None:
        """Begin with nothing; the seed is of all draws."""
        self._seed = seed
        self._pairs: list[Tensor] = []  # crops of each, the middle first: (n, 2, 3, CROP, CROP) uint8

    def add(self, source: Image.Image, target: Image.Image) -> None:
        """Look at a pair. Those that are small or differ in size say nothing."""
        width, height = source.size
        if source.size != target.size or min(width, height) < CROP or len(self._pairs) == MAX_PAIRS:
            return
        corners = dict.fromkeys((round(x * (width - CROP)), round(y * (height - CROP))) for x, y in CORNERS)
        boxes = [(left, top, left + CROP, top + CROP) for left, top in corners]
        crops = [[np.array(side.crop(box).convert("RGB")) for side in (source, target)] for box in boxes]
        self._pairs.append(torch.from_numpy(np.array(crops)).permute(0, 1, 4, 2, 3))

    def found(self) -> Grain | None:
        """Return the grain that targets have and sources do not; None where there is none."""
        if not self._pairs:
            return None
        patches = Patches(*(torch.cat(part) for part in zip(*map(Patches.of, torch.cat(self._pairs)))))
        grays = patches.tones.mean(dim=1)
        is_exposed = (grays > DARKEST) & (grays < BRIGHTEST)
        if is_exposed.sum() < LEAST_PATCHES:
            return None
        is_plain = patches.before <= patches.before[is_exposed].quantile(PLAIN)
        plain = patches.some(is_exposed & is_plain)
        if not _is_chance(plain) or self._is_local():
            return None
        return Grain(_kernel(plain.left), _mixing(plain), _amplitude(patches.some(is_plain)))

    def _is_local(self) -> bool:
        """Whether the effect goes by surroundings: what it makes of a photo's own noise looks like chance."""
        generator = torch.Generator().manual_seed(self._seed)
        return is_local_filter([to_float(crops[0]) for crops in self._pairs], generator)


class Patches(NamedTuple):
    """Square parts of pairs, n of them.

    Attributes:
        before: Standard deviation of the source's detail, (n,), in levels.
        tones: Mean of the target's channels, (n, 3), in levels.
        left: What the source's surroundings do not explain of the target's detail, (n, 3, PATCH, PATCH), in levels.
    """

    before: Tensor
    tones: Tensor
    left: Tensor

    @classmethod
    def of(cls, crop: Tensor) -> Patches:
        """Cut a pair (2, 3, CROP, CROP) uint8 into patches."""
        x, y = crop.float().split(1)
        fine_x, fine_y = (side - _mean(side, COARSE) for side in (x, y))
        near = torch.cat([fine_x, _mean(fine_x, 3), _mean(fine_x, 5)], dim=1)
        features, targets = (_cut(maps).flatten(2).mT for maps in (near, fine_y))  # (n, pixels, channels)
        gram = features.mT @ features
        ridge = 1e-3 * torch.eye(gram.shape[-1]) * (1 + gram.diagonal(dim1=1, dim2=2).mean(dim=1)[:, None, None])
        left = targets - features @ torch.linalg.solve(gram + ridge, features.mT @ targets)
        left *= (1 - gram.shape[-1] / PATCH**2) ** -0.5  # as much of pure chance is explained as there are features
        before = _cut(fine_x).square().mean(dim=(1, 2, 3)).sqrt()
        return cls(before, _cut(y).mean(dim=(2, 3)), left.mT.unflatten(2, (PATCH, PATCH)))

    def some(self, which: Tensor) -> Patches:
        """Return those for which `which` (n,) is true."""
        return Patches(*(part[which] for part in self))


def _mean(pictures: Tensor, side: int) -> Tensor:
    padded = functional.pad(pictures, 4 * (side // 2,), mode="reflect")
    return functional.avg_pool2d(functional.avg_pool2d(padded, (side, 1), stride=1), (1, side), stride=1)


def _cut(picture: Tensor) -> Tensor:
    return rearrange(picture, "1 c (rows h) (columns w) -> (rows columns) c h w", h=PATCH, w=PATCH)


def _is_chance(plain: Patches) -> bool:
    """Return whether what is left of patches without detail is neither nothing nor a pattern."""
    deviations = plain.left.square().mean(dim=(1, 2, 3)).sqrt()
    least = max(LEAST_DEVIATION, LEAST_ADDED * plain.before.median().item())
    if not least <= deviations.median().item() <= MOST_DEVIATION:
        return False
    if _spread(deviations, plain.tones.mean(dim=1)) > MOST_SPREAD:
        return False
    normed = plain.left / plain.left.square().mean(dim=(2, 3), keepdim=True).sqrt().clamp_min(1e-3)
    low, high = KURTOSIS
    if not low <= normed.pow(4).mean().item() <= high:
        return False
    repeated = _correlations(plain.left, range(NUM_TAPS, NUM_TAPS + PATCH // 2))
    return max(map(abs, repeated)) <= MOST_REPEATED


def _spread(deviations: Tensor, tones: Tensor) -> float:
    """Return how much the logarithm of deviations (n,) varies among patches of one tone (n,), robustly."""
    places = tones / 127.5 - 1
    powers = torch.stack([torch.ones_like(places), places, places.square()], dim=1)
    logs = deviations.clamp_min(1e-3).log()
    errors = logs - (powers @ torch.linalg.lstsq(powers, logs[:, None]).solution)[:, 0]
    return 1.4826 * errors.abs().median().item()


def _correlations(left: Tensor, lags: Iterable[int]) -> list[float]:
    """Return how what is left (n, 3, h, w), all channels added up, goes with itself some pixels along an axis."""
    gray = left.sum(dim=1)
    power = gray.square().mean()
    return [
        sum((side[..., lag:] * side[..., : side.shape[-1] - lag]).mean() / power / 2 for side in (gray, gray.mT)).item()
        for lag in lags
    ]


def _kernel(left: Tensor) -> np.ndarray:
    """Return the kernel (NUM_TAPS,) that gives white noise the covariance of what is left (n, 3, h, w)."""
    reach = NUM_TAPS // 2
    shares = np.array(_correlations(left, range(reach + 1)))
    covariance = shares * (1 - (np.arange(reach + 1) / (reach + 2)) ** 3)  # one that ends at once rings
    spectrum = np.fft.rfft(np.concatenate([covariance, np.zeros(32 - NUM_TAPS), covariance[:0:-1]])).real
    kernel = np.fft.irfft(np.sqrt(spectrum.clip(min=0)))
    kernel = np.concatenate([kernel[-reach:], kernel[: reach + 1]])
    return (kernel / np.sqrt(np.square(kernel).sum())).astype(np.float32)


def _mixing(patches: Patches) -> np.ndarray:
    """Return how the channels of what is left of patches go together, (3, 3)."""
    left = patches.left
    normed = left / left.square().mean(dim=(2, 3), keepdim=True).sqrt().clamp_min(1e-3)
    correlation = torch.einsum("nchw,ndhw->cd", normed, normed) / normed[:, 0].numel()
    if correlation.min() > ONE_COLOR:
        mixing = torch.tensor([[1.0, 0, 0]]).repeat(3, 1)
    else:
        mixing = torch.linalg.cholesky(correlation + 1e-3 * torch.eye(3))
    return functional.normalize(mixing, dim=1).numpy().astype(np.float32)


def _amplitude(patches: Patches) -> np.ndarray:
    """Return the deviation of what is left of patches by the tones of each channel, (3, NUM_TONES)."""
    variances = patches.left.square().mean(dim=(2, 3))
    distances = (patches.tones[:, :, None] - TONE * torch.arange(NUM_TONES)).square()  # (n, 3, NUM_TONES)
    weights = torch.exp(-distances / (2 * TONE_BLUR**2)) + FAR * torch.exp(-distances / (2 * FAR_BLUR**2))
    found = (weights * variances[..., None]).sum(dim=0) / weights.sum(dim=0).clamp_min(1e-9)
    return found.sqrt().numpy().astype(np.float32)


def save_grain(grain: Grain, path: Path) -> None:
    """Write what was found to a file."""
    replace_file(path, save({name: np.ascontiguousarray(values) for name, values in grain._asdict().items()}))


def load_grain(path: Path) -> Grain | None:
    """Read what was found; None if there is nothing, or nothing that fits."""
    try:
        with safe_open(path, framework="numpy") as file:
            parts = [(name, file.get_slice(name)) for name in Grain._fields if name in set(file.keys())]
            shapes = [(part.get_shape(), part.get_dtype()) for _, part in parts]
            if shapes != [(shape, "F32") for shape in SHAPES]:
                return None
            return Grain(*(file.get_tensor(name) for name, _ in parts))
    except (OSError, SafetensorError):
        return None
