"""Finds where in a picture lies what an effect adds, and lays it there, crisp: with numpy and Pillow alone.

A cutout is registered to the network's soft answer by an affine map, then by one that bends a little, from coarse to
fine, with gradients by hand. Of many, the one that then differs least from the answer is pasted. `numbers` is what
EFFECT.json says of "paste". Pictures are (h, w, 3) in [-1, 1]; cutouts (s, s, 4), whose last channel, the matte, is in
[0, 1].
"""

import numpy as np
from PIL import Image


def paste(numbers, folder, answer, base, scale):
    """Find what to paste into a picture.

    Args:
        numbers: See above.
        folder: Of the cutouts.
        answer: The network's edit of what it has seen.
        base: What it has seen.
        scale: Pixels of the photo for one of that.

    Returns:
        Maps (h, w, 3): how much the answer gives way, and where in the cutout each place lies, in pixels; and the
        cutout. None if no cutout explains the answer.
    """

    def levels(kind, number):
        return np.asarray(Image.open(folder / kind / f"{number}.png").convert("RGBA"), np.float64) / 255

    small = [bled(levels("small", 1 + k), numbers["bleed"]) for k in range(numbers["count"])]
    index, placement, explained = placed(answer, base, small, numbers)
    if explained <= numbers["least_explained"]:
        return None
    (height, width), large = base.shape[:2], levels("large", 1 + index)
    rough, cutout = (at(large, max(1, round(min(width, height) * by)), numbers["bleed"]) for by in (1, scale))
    places = positions(placement, Grid(height, width, numbers["bends"]))
    matte = bilinear(rough, places)[0][..., 3]
    cleared = around(matte, max(2, round(numbers["cleared"] * min(width, height))))
    return np.dstack([cleared, (places + 1) * len(cutout) / 2 - 0.5]), cutout


def placed(answer, base, cutouts, numbers):
    """Return which cutout fits best, its placement (3 + bends**2, 2), and the share of the change that it explains."""
    factor, kernel = max(1, round(min(base.shape[:2]) / numbers["side"])), gaussian(numbers["blur"])
    answer, base = pooled(answer, factor), pooled(base, factor)
    difference = np.abs(answer - base).mean(axis=-1)
    changed = middle(((difference - numbers["same"]) / (numbers["different"] - numbers["same"])).clip(0, 1))

    def problem(cutout, size, bends):
        views = [pooled(picture, size) for picture in (answer, base, cutout)]
        return (*views, Grid(*views[1].shape[:2], bends, kernel if size == 1 else None))

    left = []
    for index, cutout in enumerate(cutouts):
        coarse = problem(cutout, numbers["coarse"], 0)
        tried = [descend(start, coarse, 0, numbers, numbers) for start in starts(cutout, changed, numbers["turns"])]
        error, best = min(tried, key=lambda both: both[0])
        left.append((error, index, np.concatenate([best, np.zeros((numbers["bends"] ** 2, 2))])))
    for stage in numbers["stages"]:
        left = sorted(left, key=lambda found: found[0])[: stage["kept"]]
        for rank, (_, index, placement) in enumerate(left):
            problem_here = problem(cutouts[index], stage["size"], numbers["bends"])
            error, placement = descend(placement, problem_here, numbers["stiffness"], stage, numbers)
            left[rank] = error, index, placement
    _, index, placement = left[0]
    whole = np.square(on_both_axes(answer - base, *[blur_matrix(side, kernel) for side in base.shape[:2]])).mean()
    views = [answer, base, cutouts[index], Grid(*base.shape[:2], numbers["bends"], kernel)]
    return index, placement, 1 - error_of(placement, *views)[0] / max(whole, 1e-8)


class Grid:
    """The pixels of a picture: where they are, how much each of the bends counts there, and how errors are blurred."""

    def __init__(self, height, width, bends, kernel=None):
        ys, xs = (along(side, min(height, width)) for side in (height, width))
        self.places = np.dstack([np.ones((height, width)), *np.meshgrid(xs, ys)])  # for the three rows of an affine map
        self.down, self.across, self.bends = bend_weights(height, bends), bend_weights(width, bends), bends
        self.blur = None if kernel is None else (blur_matrix(height, kernel), blur_matrix(width, kernel))


def positions(placement, grid):
    """Return for each pixel its place in the cutout, (h, w, 2), in halves of its side."""
    bends = placement[3:].reshape(grid.bends, grid.bends, 2)
    return grid.places @ placement[:3] + on_both_axes(bends, grid.down, grid.across)


def error_of(placement, answer, base, cutout, grid):
    """Return the mean squared difference from the answer of the picture with the cutout on it, and its slopes."""
    values, slopes = bilinear(cutout, positions(placement, grid))
    matte, change = values[..., 3:], values[..., :3] - base
    by_place = slopes[..., 3:, :] * change[..., None] + matte[..., None] * slopes[..., :3, :]
    difference = base + matte * change - answer
    if grid.blur:
        difference = on_both_axes(difference, *grid.blur)
    error = np.square(difference).mean()
    if grid.blur:
        difference = on_both_axes(difference, *[matrix.T for matrix in grid.blur])
    by_place = (2 / difference.size * difference[..., None] * by_place).sum(axis=2)
    bends = on_both_axes(by_place, grid.down.T, grid.across.T)
    return error, np.concatenate([np.tensordot(grid.places, by_place, ((0, 1), (0, 1))), bends.reshape(-1, 2)])


def bilinear(cutout, places):
    """Return a cutout at places (h, w, 2), (h, w, 4), and its slopes along both axes, (h, w, 4, 2); zero outside."""
    half, ring = len(cutout) / 2, np.pad(cutout, ((1, 2), (1, 2), (0, 0)))
    spots = ((places + 1) * half - 0.5).clip(-1, len(cutout)) + 1
    left, top = np.moveaxis(spots.astype(int), -1, 0)
    right, low = np.moveaxis((spots - np.floor(spots))[..., None, :], -1, 0)
    a, b, c, d = ring[top, left], ring[top, left + 1], ring[top + 1, left], ring[top + 1, left + 1]
    upper, lower = a + right * (b - a), c + right * (d - c)
    slopes = np.stack([(1 - low) * (b - a) + low * (d - c), lower - upper], axis=-1)
    return upper + low * (lower - upper), half * slopes


def stiffness_of(placement, weight):
    """Return the bending energy, the mean squared second differences of the bends, and its slopes."""
    n = round(np.sqrt(len(placement) - 3))
    if weight == 0 or n == 0:
        return 0, 0
    first, second = np.diff(np.eye(n), axis=0), np.diff(np.eye(n), 2, axis=0)
    bends, total, slopes = placement[3:].reshape(n, n, 2), 0, 0
    for down, across in ((np.eye(n), second), (second, np.eye(n)), (first, first)):
        differences = on_both_axes(bends, down, across)
        total += weight * np.square(differences).mean()
        slopes += 2 * weight / differences.size * on_both_axes(differences, down.T, across.T)
    return total, np.concatenate([np.zeros((3, 2)), slopes.reshape(-1, 2)])


def descend(placement, problem, stiffness, stage, numbers):
    """Lower an error by Adam; return what it was before the last step, and the placement after it."""
    mean, square, placement = 0, 0, placement.copy()
    for done in range(stage["rounds"]):
        (error, slopes), (energy, bending) = error_of(placement, *problem), stiffness_of(placement, stiffness)
        slopes = slopes + bending
        mean, square = 0.9 * mean + 0.1 * slopes, 0.999 * square + 0.001 * slopes**2
        size = np.sqrt(square / (1 - 0.999 ** (done + 1))) + 1e-8
        rate = stage["rate"] * (1 - numbers["decay"] * done / stage["rounds"])
        placement -= rate * mean / (1 - 0.9 ** (done + 1)) / size
    return error + energy, placement


def starts(cutout, changed, turns):
    """Yield placements to begin with: the middle of a cutout on that of what changed, at its size, and turned."""
    ((x, y), area), ((u, v), own) = changed, middle(cutout[..., 3])
    scale = np.clip(np.sqrt(own / area), 0.5, 2)
    for turn in turns:
        a, b = scale * np.cos(turn), scale * np.sin(turn)
        yield np.array([[u - a * x + b * y, v - b * x - a * y], [a, b], [-b, a]])


def middle(mask):
    """Return the center of mass and the area of a mask, in halves of its shorter side."""
    ys, xs = (along(side, min(mask.shape)) for side in mask.shape)
    total = max(mask.sum(), 1e-6)
    return ((mask * xs).sum() / total, (mask * ys[:, None]).sum() / total), total * (2 / min(mask.shape)) ** 2


def along(side, shorter):
    """Return the centers of the pixels of a side, in halves of the shorter one around the middle."""
    return (np.arange(side) + 0.5 - side / 2) / (shorter / 2)


def cubic(distance):
    """Return the weights of bicubic interpolation."""
    d = np.abs(distance)
    return np.where(d < 1, (1.25 * d - 2.25) * d * d + 1, np.where(d < 2, -0.75 * (((d - 5) * d + 8) * d - 4), 0))


def bend_weights(side, bends):
    """Return how much each of the bends counts at each pixel of a side, (side, bends)."""
    places = np.arange(side) * (bends - 1) / max(side - 1, 1)
    weights = np.zeros((side, bends))
    for step in range(-1, 3) if bends else ():
        knots = np.floor(places) + step
        np.add.at(weights, (np.arange(side), knots.clip(0, bends - 1).astype(int)), cubic(places - knots))
    return weights


def gaussian(sigma):
    """Return the weights of a Gaussian blur."""
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    return kernel / kernel.sum()


def blur_matrix(side, kernel):
    """Return a matrix that blurs along a side whose border goes on for ever."""
    reach, matrix = len(kernel) // 2, np.zeros((side, side))
    for k, weight in enumerate(kernel):
        np.add.at(matrix, (np.arange(side), (np.arange(side) + k - reach).clip(0, side - 1)), weight)
    return matrix


def on_both_axes(maps, down, across):
    """Apply a matrix (y, i) and a matrix (x, j) to maps (i, j, c), (y, x, c)."""
    return across @ np.tensordot(down, maps, 1)


def pooled(maps, size):
    """Return means of squares of `size` pixels."""
    height, width = (side // size for side in maps.shape[:2])
    return maps[: height * size, : width * size].reshape(height, size, width, size, -1).mean(axis=(1, 3))


def around(matte, reach):
    """Return a matte, grown and with a soft edge."""
    for by, combine in ((reach, np.nanmax), (reach // 2, np.nanmean)):
        for axis in (0, 1):
            pads = [(by, by) if axis == here else (0, 0) for here in (0, 1)]
            shifted = np.lib.stride_tricks.sliding_window_view(
                np.pad(matte, pads, constant_values=np.nan), 2 * by + 1, axis=axis
            )
            matte = combine(shifted, axis=-1)
    return matte


def bled(levels, bleed):
    """Return a cutout whose pixels, in [0, 1], go on beyond the edge of its matte, where interpolation looks."""
    pixels, matte = levels[..., :3], levels[..., 3:]
    known = (matte > 0).astype(float)
    pixels = pixels * known
    for _ in range(bleed):
        near = np.pad(np.dstack([pixels, known]), ((1, 1), (1, 1), (0, 0)))
        sums = np.lib.stride_tricks.sliding_window_view(near, (3, 3), axis=(0, 1)).sum(axis=(-1, -2))
        is_next = (known == 0) & (sums[..., 3:] > 0)
        pixels = np.where(is_next, sums[..., :3] / np.maximum(sums[..., 3:], 1e-6), pixels)
        known = np.maximum(known, is_next)
    return np.dstack([2 * pixels - 1, matte])


def at(levels, side, bleed):
    """Return a cutout, (s, s, 4) in [0, 1], at `side` pixels, see `bled`; never larger than it is."""
    if side < len(levels):  # a pixel that is covered by half counts half
        covered = np.dstack([levels[..., :3] * levels[..., 3:], levels[..., 3:]])
        bands = [Image.fromarray(band.astype(np.float32)) for band in np.moveaxis(covered, -1, 0)]
        small = np.dstack([np.asarray(band.resize((side, side), Image.Resampling.BILINEAR)) for band in bands])
        levels = np.dstack([(small[..., :3] / np.maximum(small[..., 3:], 1e-3)).clip(0, 1), small[..., 3:]])
    return bled(levels, bleed)
