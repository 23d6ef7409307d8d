"""The passes of an edit as one OpenEXR file, for Flame, Houdini and Nuke."""

import struct

import numpy as np


def write_exr(path, edit, move, keep, paint):
    """Write an edit and its passes as one OpenEXR file of 32-bit floats, uncompressed.

    Its layers: the edit (R, G, B), `stmap` (R and G say where a pixel is taken from, 0 to 1 from the left and from the
    bottom), `keep` (Y) and `paint` (R, G, B). Colors are 0 to 1 as in the photo's file (sRGB, not linear):
    edit = keep * base + paint, where base is the photo through stmap, and through the color map if there is one.
    """
    height, width = edit.shape[:2]
    ys, xs = np.indices((height, width))
    places = (xs + move[..., 0] + 0.5) / width, 1 - (ys + move[..., 1] + 0.5) / height
    layers = {"keep.Y": keep[..., 0], "stmap.R": places[0], "stmap.G": places[1]}
    for c, color in enumerate("RGB"):
        layers |= {color: (edit[..., c] + 1) / 2, f"paint.{color}": (paint[..., c] + 1 - keep[..., 0]) / 2}
    names = sorted(layers)
    kinds = {
        "channels": ("chlist", b"".join(name.encode() + struct.pack("<xIIII", 2, 0, 1, 1) for name in names) + b"\0"),
        "compression": ("compression", b"\0"),
        "dataWindow": ("box2i", struct.pack("<4i", 0, 0, width - 1, height - 1)),
        "displayWindow": ("box2i", struct.pack("<4i", 0, 0, width - 1, height - 1)),
        "lineOrder": ("lineOrder", b"\0"),
        "pixelAspectRatio": ("float", struct.pack("<f", 1)),
        "screenWindowCenter": ("v2f", struct.pack("<2f", 0, 0)),
        "screenWindowWidth": ("float", struct.pack("<f", 1)),
    }
    head = struct.pack("<II", 20000630, 2)
    for name, (kind, value) in kinds.items():
        head += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value
    rows = np.stack([layers[name] for name in names], axis=1).astype("<f4")  # (h, layers, w)
    size, first = rows[0].nbytes, len(head) + 1 + 8 * height
    with path.open("wb") as file:
        file.write(head + b"\0" + struct.pack(f"<{height}Q", *(first + y * (8 + size) for y in range(height))))
        for y, row in enumerate(rows):
            file.write(struct.pack("<II", y, size) + row.tobytes())
