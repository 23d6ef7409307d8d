"""Edits a photo with an effect from Pairbrush: python edit_with_onnx.py EFFECT.onnx PHOTO OUT.png [STRENGTH].

Needs onnxruntime, numpy and Pillow. EFFECT.json, which must lie beside the effect, says what all numbers mean. OUT.exr
gets the passes of the edit as well, see `write_passes`.
"""

import functools
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

if __package__:  # it is part of the ComfyUI node beside it
    from .grain import ROWS, Grain, grain_on, seed_of
    from .paste_cutouts import paste
    from .write_passes import write_exr
else:
    from grain import ROWS, Grain, grain_on, seed_of
    from paste_cutouts import paste
    from write_passes import write_exr

SHARPNESS = 4  # of the cross-fade between two windows


@functools.cache
def session(path):
    """Return a graph, ready to run."""
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def run(path, pixels):
    """Return what a graph answers (h, w, c) for pixels (h, w, 3) in [-1, 1]."""
    return (
        session(path)
        .run(None, {"picture": pixels.transpose(2, 0, 1)[None].astype(np.float32)})[0][0]
        .transpose(1, 2, 0)
    )


def colors_of(image):
    """Return a picture as (h, w, 3) in [-1, 1]."""
    return np.asarray(image, np.float32) / 127.5 - 1


def image_of(colors):
    """Return colors (h, w, 3) in [-1, 1] as a picture."""
    return Image.fromarray(np.rint((colors + 1) * 127.5).clip(0, 255).astype(np.uint8))


def looked_up(table, colors):
    """Return colors (h, w, 3) after a table (n, n, n, 3), trilinearly."""
    places = (colors.clip(-1, 1) + 1) / 2 * (len(table) - 1)
    first = places.astype(int).clip(0, len(table) - 2)
    rest, total = places - first, 0
    for corner in np.ndindex(2, 2, 2):
        weight = np.where(corner, rest, 1 - rest).prod(axis=-1, keepdims=True)
        total = total + weight * table[tuple(np.moveaxis(first + corner, -1, 0))]
    return total


def mapped(color_map, colors, ends=None):
    """Return a whole picture (h, w, 3) after a color map, see `map_of`; ends are those of the photo at full size."""
    table, gains, levels = color_map
    if levels is not None:
        black, white = ends_of(levels, colors) if ends is None else ends
        colors = (colors - black) * 2 / (white - black) - 1
    colors = looked_up(table, colors)
    if gains is None:
        return colors
    for axis, length in enumerate(colors.shape[:2]):  # from corner to corner
        places = (np.arange(length) + 0.5) / length * (gains.shape[axis] - 1)
        weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(gains.shape[axis]))).astype(np.float32)
        gains = np.moveaxis(np.tensordot(weights, gains, axes=(1, axis)), 0, axis)
    return (colors + 1) * gains - 1


def ends_of(levels, colors):
    """Return black and white points of a whole picture (h, w, 3), (3,) each."""
    pixels = np.rint((colors + 1) * 127.5).clip(0, 255).astype(int)
    light = (pixels @ (2126, 7152, 722) + 5000) // 10000
    ends = []
    for c in range(3):
        values = {"light": light, "all": pixels, "each": pixels[..., c]}[levels["measure"]]
        below = np.bincount(values.ravel(), minlength=256).cumsum() / values.size
        black, white = (below <= levels["black"]).sum(), (below < 1 - levels["white"]).sum()
        ends.append((black, white) if white > black else (0, 255))
    return (np.array(ends, np.float32) / 127.5 - 1).T


def map_of(about):
    """Return table (n, n, n, 3), gains (k, k, 3) and levels of a color map; the last two may be None, and so may it."""
    found = about["color_map"]
    if found is None:
        return None
    table = np.array(found["table"], np.float32).reshape(3 * [found["size"]] + [3])
    if not (gains := found["gains"]):
        return table, None, None
    planes = np.array(gains["values"], np.float32).reshape(3, gains["size"], gains["size"]).transpose(1, 2, 0)
    return table, planes, found["levels"]


def enlarge(answer, start, content, length):
    """Interpolate the first axis of an answer to `length` pixels of a photo, which covers `content` entries of it."""
    places = np.clip(start + (np.arange(length) + 0.5) / length * content - 0.5, 0, len(answer) - 1)
    weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(len(answer)))).astype(np.float32)
    return np.tensordot(weights, answer, axes=1)


def taken(pixels, xs, ys):
    """Return the pixels (n, 3) at places, bicubically."""
    height, width, total = *pixels.shape[:2], 0
    for down in range(-1, 3):
        for across in range(-1, 3):
            x, y = np.floor(xs) + across, np.floor(ys) + down
            weight = 1
            for d in (np.abs(xs - x), np.abs(ys - y)):
                near, far = (1.25 * d - 2.25) * d * d + 1, -0.75 * (((d - 5) * d + 8) * d - 4)
                weight = weight * np.where(d < 1, near, far)
            rows, columns = y.clip(0, height - 1).astype(int), x.clip(0, width - 1).astype(int)
            total = total + weight[:, None] * pixels[rows, columns]
    return total


def with_detail(path, detail, photo, color_map, strength):
    """Return a photo after the detail filter, which works at the photo's own scale."""
    factor = min(detail["scale"], detail["most_enlarged"] * detail["size"] / max(photo.size))
    before = photo.resize([max(1, round(side * factor)) for side in photo.size], Image.Resampling.LANCZOS)
    margin, multiple = detail["margin"], detail["multiple"]
    pads = [(margin, margin + -side % multiple) for side in before.size[::-1]]
    colors = colors_of(before)
    if color_map is not None:
        ends = None if color_map[2] is None else ends_of(color_map[2], colors_of(photo))
        colors = mapped(color_map, colors, ends)
    filtered = run(path, np.pad(colors, (*pads, (0, 0)), mode="symmetric"))
    after = image_of(filtered[margin : margin + before.height, margin : margin + before.width])
    before, after = (colors_of(side.resize(photo.size, Image.Resampling.BICUBIC)) for side in (before, after))
    return image_of(colors_of(photo) + strength * (after - before))


def in_windows(path, strip, grid):
    """Return what a graph answers for a strip, on overlapping squares along it that are cross-faded."""
    if strip.shape[0] > strip.shape[1]:
        return in_windows_across(path, strip, grid)
    return in_windows_across(path, strip.swapaxes(0, 1), grid, is_wide=True).swapaxes(0, 1)


def in_windows_across(path, strip, grid, is_wide=False):
    """Do that for a strip whose longer side comes first."""
    (length, side), total = strip.shape[:2], 0
    stride, middle = max(grid, side // 2 // grid * grid), (length - side) // 2 // grid * grid
    count = -(-(length - side) // (2 * stride))  # on each side of the middle, rounded up
    before = [middle * k // count // grid * grid for k in range(count)]
    after = [length - side - (length - side - middle) * k // count // grid * grid for k in range(count)]
    tent = np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5)[:, None, None] ** SHARPNESS
    for start in sorted({*before, middle, *after}):
        window = strip[start : start + side]
        answer = run(path, window.swapaxes(0, 1)).swapaxes(0, 1) if is_wide else run(path, window)
        weighted = np.dstack([tent * answer, np.broadcast_to(tent, answer[..., :1].shape)])
        total = total + np.pad(weighted, ((start, length - side - start), (0, 0), (0, 0)))
    return (total[..., :-1] / total[..., -1:]).astype(np.float32)


def fitted(photo, about):
    """Return what the network sees of a photo, (h, w, 3), and left, top, width and height of the photo in it."""
    size, is_strip = about["size"], about["fit"] == "crop"
    scale = size / max(photo.size)
    if is_strip:
        scale = min(size / min(photo.size), about["max_squares"] * scale)
    content = [max(1, round(side * scale)) for side in photo.size]
    room = [max(size, -(-side // about["grid"]) * about["grid"]) if is_strip else size for side in content]
    left, top = [(outer - side) // 2 for outer, side in zip(room, content)]
    pads = [(start, outer - start - side) for start, outer, side in zip((top, left), room[::-1], content[::-1])]
    seen = np.pad(colors_of(photo.resize(content, Image.Resampling.LANCZOS)), (*pads, (0, 0)), mode="symmetric")
    return seen, (left, top, *content)


def enlarged(maps, box, size):
    """Return maps of what the network has seen, as large as the photo."""
    (left, top, across, down), (width, height) = box, size
    return enlarge(enlarge(maps, top, down, height).swapaxes(0, 1), left, across, width).swapaxes(0, 1)


def carried_out(answer, pixels, color_map, strength):
    """Return base and paint, (h, w, 3), and keep, (h, w, 1), of an answer (h, w, 6): edit = keep * base + paint."""
    base, answer = pixels.copy(), strength * answer
    ys, xs = np.nonzero(answer[..., :2].any(axis=-1))  # what moves; the rest stays as sharp as it is
    base[ys, xs] = taken(pixels, xs + answer[ys, xs, 0], ys + answer[ys, xs, 1])
    if color_map is not None:
        base += strength * (mapped(color_map, base) - base)
    return base, 1 + answer[..., 2:3], answer[..., 3:]


def passes(effect, photo, strength=1.0):
    """Return the edit of a photo by an effect, the path of its .onnx file, as (edit, move, keep, paint).

    `move`, (h, w, 2), says how many pixels further right and down a pixel is taken from. Through the color map, if
    there is one, that is `base`, and edit = keep * base + paint in [-1, 1].
    """
    about = json.loads(effect.with_suffix(".json").read_text(encoding="utf-8"))
    color_map = map_of(about)
    photo = ImageOps.exif_transpose(photo).convert("RGB")
    seed = seed_of(np.asarray(photo))
    seen = photo
    if about["detail"]:
        filter_path = effect.with_suffix(".detail.onnx")
        seen, photo = (with_detail(filter_path, about["detail"], photo, color_map, share) for share in (1, strength))
        color_map = None
    elif color_map and color_map[1] is not None:  # what depends on the photo comes first
        before = colors_of(photo)
        change, color_map = mapped(color_map, before) - before, None
        seen, photo = (image_of(before + share * change) for share in (1, strength))
    square, box = fitted(seen, about)
    answer = in_windows(effect, square, about["grid"])
    scale = photo.width / box[2]
    large = enlarged(answer, box, photo.size)
    large[..., :2] *= scale, photo.height / box[3]
    base, keep, paint = carried_out(large, colors_of(photo), color_map, strength)
    if about["paste"]:
        here, factor, added = carried_out(answer, square, color_map, 1)
        edit = image_of(factor * here + added)  # at the network's size
        if found := paste(about["paste"], effect.with_suffix(".cutouts"), colors_of(edit), square, scale):
            keep, paint = pasted(found, box, keep, paint, min(strength, 1))
    if about.get("grain"):
        grain = Grain(*(np.array(about["grain"][name], np.float32) for name in Grain._fields))
        plain = np.asarray(image_of(keep * base + paint))
        for top in range(0, len(plain), ROWS):
            rows = slice(top, top + ROWS)
            paint[rows] += strength * grain_on(plain[rows], grain, seed, top) / 127.5
    return keep * base + paint, strength * large[..., :2], keep, paint


def pasted(found, box, keep, paint, share):
    """Return keep and paint with a cutout laid over them, see `paste_cutouts.paste`."""
    maps = enlarged(found[0], box, keep.shape[1::-1])
    ys, xs = np.nonzero(maps[..., 0] > 0)
    free = 1 - maps[ys, xs, :1]  # around a cutout the soft painting gives way
    colors = taken(np.pad(found[1], ((1, 1), (1, 1), (0, 0))), maps[ys, xs, 1] + 1, maps[ys, xs, 2] + 1)
    cover = share * colors[:, 3:].clip(0, 1)
    keep[ys, xs] = (1 - cover) * (1 + free * (keep[ys, xs] - 1))
    paint[ys, xs] = (1 - cover) * free * paint[ys, xs] + cover * colors[:, :3].clip(-1, 1)
    return keep, paint


def edit(effect, photo, strength=1.0):
    """Return the edit of a photo by an effect, the path of its .onnx file."""
    return image_of(passes(effect, photo, strength)[0])


if __name__ == "__main__":
    effect, photo, out = map(Path, sys.argv[1:4])
    result = passes(effect, Image.open(photo), *map(float, sys.argv[4:]))
    if out.suffix.lower() == ".exr":
        write_exr(out, *result)
    else:
        image_of(result[0]).save(out)
