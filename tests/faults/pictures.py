"""Picture files of every format we read, and files that only look like one."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8))


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    data = BytesIO()
    image.save(data, format=kind, **options)
    return data.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, color: int = 2) -> bytes:
    """A PNG that claims a size and holds whatever chunks follow."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + png_chunk(b"IEND", b"")


def tiff(**tags: int) -> bytes:
    """A TIFF of one strip with these tags and hardly any pixels."""
    numbers = {
        "width": 256,
        "height": 257,
        "bits": 258,
        "compression": 259,
        "photometric": 262,
        "offset": 273,
        "samples": 277,
        "rows": 278,
        "count": 279,
        "tile_width": 322,
        "tile_height": 323,
        "tile_offset": 324,
        "tile_count": 325,
    }
    entries = sorted((numbers[name], value) for name, value in tags.items())
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + b"\0" * 16


def bmp(width: int, height: int) -> bytes:
    return (
        struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 64, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0) + b"\0" * 9
    )


def gif(width: int, height: int, frame: tuple[int, int, int, int] | None = None) -> bytes:
    left, top, right, bottom = frame or (0, 0, width, height)
    screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return screen + struct.pack("<BHHHHB", 0x2C, left, top, right - left, bottom - top, 0) + b"\x02\x02\x44\x01\x00;"


def webp(width: int, height: int) -> bytes:
    """An extended WEBP that claims a canvas, with no picture in it."""
    canvas = b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_claiming(width: int, height: int) -> bytes:
    """A real JPEG whose header claims another size."""
    data = bytearray(encoded(NOISE, "JPEG"))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(data)


BOMBS = {
    "png-30000x30000": png(30_000, 30_000, png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))),
    "png-4-billion": png(2**31 - 1, 2**31 - 1, png_chunk(b"IDAT", b"")),
    "png-one-line": png(2**31 - 1, 1, png_chunk(b"IDAT", b"")),
    "png-9000x9000": png(9000, 9000, png_chunk(b"IDAT", zlib.compress(b"\0" * 10**6))),
    "tiff-60000x60000": tiff(width=60_000, height=60_000, bits=8, compression=1, photometric=1, offset=0, count=16),
    "tiff-4-billion": tiff(width=2**32 - 1, height=2**32 - 1, bits=8, compression=1, photometric=1, offset=0, count=9),
    "bmp-60000x60000": bmp(60_000, 60_000),
    "bmp-upside-down": bmp(60_000, -60_000),
    "gif-65535x65535": gif(65_535, 65_535),
    "gif-frame-outside": gif(16, 16, (0, 0, 65_535, 65_535)),
    "jpeg-65500x65500": jpeg_claiming(65_500, 65_500),
}
WHOLE = {
    "png": encoded(NOISE, "PNG"),
    "jpeg": encoded(NOISE, "JPEG"),
    "jpeg-progressive": encoded(NOISE, "JPEG", progressive=True),
    "webp": encoded(NOISE, "WEBP"),
    "bmp": encoded(NOISE, "BMP"),
    "tiff": encoded(NOISE, "TIFF"),
    "tiff-lzw": encoded(NOISE, "TIFF", compression="tiff_lzw"),
    "tiff-deflate": encoded(NOISE, "TIFF", compression="tiff_deflate"),
    "gif": encoded(NOISE, "GIF"),
    "gif-animated": encoded(NOISE, "GIF", save_all=True, append_images=[NOISE.rotate(90)] * 3),
    "webp-animated": encoded(NOISE, "WEBP", save_all=True, append_images=[NOISE.rotate(90)] * 3),
    "png-animated": encoded(NOISE, "PNG", save_all=True, append_images=[NOISE.rotate(90)] * 3),
    "png-16-bit": encoded(Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000), "PNG"),
    "jpeg-cmyk": encoded(NOISE.convert("CMYK"), "JPEG"),
    "png-palette": encoded(NOISE.convert("P"), "PNG"),
    "webp-alpha": encoded(NOISE.convert("RGBA"), "WEBP"),
    "tiff-lab": encoded(NOISE.convert("LAB"), "TIFF"),
    "tiff-bilevel": encoded(NOISE.convert("1"), "TIFF", compression="group4"),
}
NOT_PICTURES = {
    "empty": b"",
    "one-byte": b"\x89",
    "zeros": b"\0" * 4096,
    "text": b"hello, I am a picture",
    "html": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "pdf": b"%PDF-1.7\n1 0 obj<<>>endobj",
    "zip": b"PK\x03\x04" + b"\0" * 60,
    "pickle": b"\x80\x04\x95\x0b\0\0\0\0\0\0\0\x8c\x02os\x94.",
    "png-signature": b"\x89PNG\r\n\x1a\n",
    "png-no-pixels": png(8, 8),
    "png-0x0": png(0, 0, png_chunk(b"IDAT", zlib.compress(b""))),
    "png-0x8": png(0, 8, png_chunk(b"IDAT", zlib.compress(b"\0" * 8))),
    "png-bad-depth": png(8, 8, png_chunk(b"IDAT", b""), depth=77),
    "png-bad-zlib": png(8, 8, png_chunk(b"IDAT", b"not zlib at all")),
    "png-text-bomb": png(8, 8, png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 2**23)), png_chunk(b"IDAT", b"")),
    "jpeg-start-only": b"\xff\xd8\xff\xe0",
    "webp-no-picture": webp(8, 8),
    "webp-huge-and-empty": webp(16_383, 16_383),
    "tiff-loop": b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 8, 8),
    "tiff-far-directory": b"II*\0" + struct.pack("<I", 2**32 - 1),
    "tiff-samples": tiff(width=8, height=8, bits=8, compression=1, photometric=2, samples=60_000, offset=0, count=9),
    "tiff-huge-tiles": tiff(
        width=8,
        height=8,
        compression=8,
        photometric=1,
        tile_width=2**31,
        tile_height=2**31,
        tile_offset=0,
        tile_count=9,
    ),
    "tiff-float": encoded(NOISE.convert("F"), "TIFF"),
    "gif-0x0": gif(0, 0),
    "bmp-0x0": bmp(0, 0),
    "mpo-ico": b"\0\0\x01\0\x01\0\x10\x10" + b"\0" * 40,
    "psd": b"8BPS\0\x01" + b"\0" * 30,
}
