"""Edits a photo with an effect from Pairbrush: python edit_with_onnx.py EFFECT.onnx PHOTO OUT.png [STRENGTH].

Needs onnxruntime, numpy and Pillow. EFFECT.json, which must lie beside the effect, says what all numbers mean.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def run(path, pixels):
    """Return what a graph answers (h, w, c) for pixels (h, w, 3) in [-1, 1]."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"picture": pixels.transpose(2, 0, 1)[None].astype(np.float32)})[0][0].transpose(1, 2, 0)


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


def with_detail(path, detail, photo, table, strength):
    """Return a photo after the detail filter, which works at the photo's own scale."""
    factor = min(detail["scale"], detail["most_enlarged"] * detail["size"] / max(photo.size))
    before = photo.resize([max(1, round(side * factor)) for side in photo.size], Image.Resampling.LANCZOS)
    margin, multiple = detail["margin"], detail["multiple"]
    pads = [(margin, margin + -side % multiple) for side in before.size[::-1]]
    colors = np.pad(colors_of(before), (*pads, (0, 0)), mode="symmetric")
    filtered = run(path, colors if table is None else looked_up(table, colors))
    after = image_of(filtered[margin : margin + before.height, margin : margin + before.width])
    before, after = (colors_of(side.resize(photo.size, Image.Resampling.BICUBIC)) for side in (before, after))
    return image_of(colors_of(photo) + strength * (after - before))


def edit(effect, photo, strength=1.0):
    """Return the edit of a photo by an effect, the path of its .onnx file."""
    about = json.loads(effect.with_suffix(".json").read_text(encoding="utf-8"))
    size, table = about["size"], about["color_map"]
    if about["fit"] != "whole":
        sys.exit("This effect edits long photos in windows, which this script does not. Pairbrush and its web page do.")
    table = table and np.array(table["table"], np.float32).reshape(3 * [table["size"]] + [3])
    photo = ImageOps.exif_transpose(photo).convert("RGB")
    seen = photo
    if about["detail"]:
        filter_path = effect.with_suffix(".detail.onnx")
        seen, photo = (with_detail(filter_path, about["detail"], photo, table, share) for share in (1, strength))
        table = None
    content = [max(1, round(side * size / max(photo.size))) for side in photo.size]
    (left, top), (width, height) = [(size - side) // 2 for side in content], photo.size
    pads = [(start, size - start - side) for start, side in zip((top, left), content[::-1])]
    square = np.pad(colors_of(seen.resize(content, Image.Resampling.LANCZOS)), (*pads, (0, 0)), mode="symmetric")
    answer = strength * enlarge(run(effect, square), top, content[1], height)
    answer = enlarge(answer.swapaxes(0, 1), left, content[0], width).swapaxes(0, 1)  # as large as the photo
    base, pixels = colors_of(photo), colors_of(photo)
    ys, xs = np.nonzero(answer[..., :2].any(axis=-1))  # what moves; the rest stays as sharp as it is
    move = answer[ys, xs, :2] * [width / content[0], height / content[1]]
    base[ys, xs] = taken(pixels, xs + move[:, 0], ys + move[:, 1])
    if table is not None:
        base += strength * (looked_up(table, base) - base)
    return image_of((1 + answer[..., 2:3]) * base + answer[..., 3:])


if __name__ == "__main__":
    effect, photo, out, *strength = sys.argv[1:]
    edit(Path(effect), Image.open(photo), *map(float, strength)).save(out)
