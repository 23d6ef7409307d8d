"""The effect file: all that an edit needs, in one zip that may come from anyone.

```
config.json               its format, the settings of the run, and what `received.ReceivedEffect` says
model.safetensors         the weights that edit, float16, see `training.checkpoint`
card.md                   the same for people; no program reads it
cutouts/small/1.png ...   what the pairs add, where edits paste it: RGBA, squares, as they are placed
cutouts/large/1.png ...   and as they are pasted, of at most `MAX_SIDE` pixels
pairs/1-before.jpg ...    pairs that whoever made the file has chosen, and pairs/1-after.jpg; none by default
```

Nothing else may be in there. Entries are read by these names, never unpacked to paths of their own, and no more bytes
are read of one than its kind may have, whatever it claims.
"""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from editor.config import MAX_NAME, RunConfig
from editor.errors import UserError
from editor.files import replace_file, temporary_name
from editor.image_files import load_image, load_layers, picture_size, save_png
from editor.json_files import JsonFormat, NewerFileError
from editor.pairs.store import PairStore
from editor.pasting.cutout import placed_side
from editor.training.checkpoint import load_model, save_weights
from editor.training.manifest import save_version
from editor.training.received import ReceivedEffect
from editor.training.run_folder import CUTOUTS, LARGE_PAIRS, CutoutFiles, RunFolder
from editor.training.stand_ins import cutout_pair, gray_pair
from editor.validation import Moment, Text
from editor.zip_files import DamagedZipError, LongIndexError, ZipReader, read_entry

SUFFIX = ".pairbrush"
FORMAT = JsonFormat()
MAX_SIDE = 1024  # pixels of a picture
MAX_CUTOUTS, MAX_PAIRS = 32, 64
MAX_INDEX_BYTES = 64 * 2**10
MAX_TOTAL = 256 * 2**20  # bytes of all entries together
QUALITY = 95
TIME = (1980, 1, 1, 0, 0, 0)  # of every entry: the same file for the same effect
KINDS = {  # of entries, with the most bytes that each may have
    re.compile(r"config\.json"): 2**20,
    re.compile(r"model\.safetensors"): MAX_TOTAL,
    re.compile(r"card\.md"): 2**20,
    re.compile(r"cutouts/(small|large)/[1-9]\d?\.png"): 8 * 2**20,
    re.compile(r"pairs/[1-9]\d?-(before|after)\.jpg"): 8 * 2**20,
}


class EffectFileError(UserError):
    """An effect file that cannot be used. The message is for a person."""


class About(ReceivedEffect):
    """What `config.json` says.

    Attributes:
        effect: What the effect is called.
        created: When its run was made.
        config: Settings of the run.
    """

    effect: Text
    created: Moment
    config: dict[str, Any]


class Contents(NamedTuple):
    """What becomes an effect file.

    Attributes:
        about: See `About`.
        weights: The file of float16 weights.
        card: For people, Markdown.
        cutouts: RGBA squares, each small and large.
        pairs: Sources and targets, RGB squares.
    """

    about: About
    weights: Path
    card: str
    cutouts: Sequence[tuple[Image.Image, Image.Image]] = ()
    pairs: Sequence[tuple[Image.Image, Image.Image]] = ()


def write_effect_file(path: Path, contents: Contents) -> None:
    """Write an effect file, whole or not at all.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    about = {"format": FORMAT.number, **contents.about.model_dump(mode="json")}
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:

        def add(name: str, data: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
            archive.writestr(zipfile.ZipInfo(name, TIME), data, how)

        add("config.json", (json.dumps(about, indent=2, ensure_ascii=False) + "\n").encode())
        add("card.md", contents.card.encode())
        for number, cutout in enumerate(contents.cutouts, 1):
            for size, image in zip(CutoutFiles._fields, cutout):
                add(f"cutouts/{size}/{number}.png", _encoded(image, "PNG", optimize=True), zipfile.ZIP_STORED)
        for number, pair in enumerate(contents.pairs, 1):
            for side, image in zip(("before", "after"), pair):
                data = _encoded(image, "JPEG", quality=QUALITY, subsampling=0)
                add(f"pairs/{number}-{side}.jpg", data, zipfile.ZIP_STORED)
        add("model.safetensors", contents.weights.read_bytes())
    replace_file(path, buffer.getvalue())


def unpack(file: Path, folder: Path, *, name: str | None = None, effect_slug: str | None = None) -> RunFolder:
    """Make an effect file the folder of a run that edits at once and cannot be trained.

    Args:
        file: The effect file.
        folder: Where; it must not be there yet.
        name: What to call the run; by default as the effect.
        effect_slug: Folder of the effect in the workspace.

    Raises:
        EffectFileError: It is no effect file, damaged, too large, or was made by a newer Pairbrush. Nothing is left.
        OSError: The disk is full or the folder cannot be written.
    """
    beside = folder.with_name(temporary_name())  # becomes `folder` only when it is whole
    unpacked = beside / "unpacked"
    unpacked.mkdir(parents=True)
    try:
        with _in_words(file, unpacked):
            _extract(file, unpacked)
            _build(unpacked, beside, name, effect_slug)
        shutil.rmtree(unpacked)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return RunFolder.open(folder)


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    data = BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


@contextmanager
def _in_words(file: Path, unpacked: Path) -> Iterator[None]:
    """Turn every error about the contents into one that names the file that the person has."""
    try:
        yield
    except EffectFileError:
        raise
    except NewerFileError as error:
        raise EffectFileError(
            f"{file.name} was made by a newer version of Pairbrush. Update Pairbrush first."
        ) from error
    except LongIndexError as error:
        raise EffectFileError(f"{file.name} is no effect file: it holds far too many files.") from error
    except UserError as error:
        reason = str(error).replace(f"{unpacked}/", "")
        raise EffectFileError(f"{file.name} is no effect that this Pairbrush can use: {reason}") from error


def _extract(file: Path, unpacked: Path) -> None:
    """Copy the entries of a zip file to a folder, after making sure that all of them may be there."""
    with ZipReader(file, MAX_INDEX_BYTES) as reader:
        try:
            archive = reader.archive()
        except DamagedZipError as error:
            raise EffectFileError(f"{file.name} is no effect file, or it is damaged.") from error
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        if len(set(names)) < len(names):
            raise EffectFileError(f"{file.name} is damaged: two of its parts have the same name.")
        if missing := {"config.json", "model.safetensors"} - set(names):
            raise EffectFileError(f"{file.name} is no effect file: it has no {min(missing)}.")
        left = MAX_TOTAL
        for entry in entries:
            limit = next((most for kind, most in KINDS.items() if kind.fullmatch(entry.filename)), None)
            if limit is None:
                raise EffectFileError(f"{file.name} is no effect file: {entry.filename[:100]!r} does not belong there.")
            data = _data(file, archive, entry, min(limit, left))
            left -= len(data)
            place = unpacked / entry.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            replace_file(place, data, is_lasting=False)


def _data(file: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes:
    """Return what an entry holds; no more of it is unpacked than `limit` bytes."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise EffectFileError(f"{file.name} is no effect file: it is compressed in an unusual way.")
    try:
        data = read_entry(archive, entry, limit + 1) if entry.file_size <= limit else b""
    except DamagedZipError as error:
        raise EffectFileError(f"{file.name} is damaged: {entry.filename} cannot be unpacked.") from error
    if entry.file_size > limit or len(data) > limit:
        raise EffectFileError(f"{file.name} is too large: {entry.filename} has more than {limit:,} bytes.")
    return data


def _build(unpacked: Path, folder: Path, name: str | None, effect_slug: str | None) -> None:
    about = FORMAT.read_as(About, unpacked / "config.json")
    config = RunConfig.from_dict(about.config)
    model, step = load_model(unpacked / "model.safetensors", config)
    chosen = list(_chosen_pairs(unpacked))
    cutouts = list(_cutouts(unpacked, config.image_size))
    if about.needs_pairs and not chosen:
        raise UserError("its edits go by pairs, and it holds none.")
    if about.needs_pairs:
        stand_ins: list[tuple[str, Image.Image, Image.Image]] = []
    elif cutouts:
        stand_ins = []
        for number, images in cutouts:
            name_of_pair = f"cutout-{number:02d}"  # sorted as they are numbered
            stand_ins.append((name_of_pair, *cutout_pair(images[1], config.image_size)))
            for size, image in zip(CutoutFiles._fields, images):
                _save(image, folder / CUTOUTS / size / f"{name_of_pair}.png")
    else:
        stand_ins = [("no-reference", *gray_pair(config.image_size))]
    pairs = [*stand_ins, *((f"pair-{number}", *pair) for number, *pair in chosen)]
    store = PairStore(folder / "pairs")
    size = (config.image_size,) * 2
    store.add_all((name, *(image.resize(size, Image.Resampling.LANCZOS) for image in sides)) for name, *sides in pairs)
    store.set_held_out([] if about.needs_pairs else [f"pair-{number}" for number, *_ in chosen])
    for pair_name, *sides in pairs[len(stand_ins) :]:
        if sides[0].width > config.image_size:
            for side, image in zip(("source", "target"), sides):
                _save(image, folder / LARGE_PAIRS / side / f"{pair_name}.png")
    effect = about.effect.strip()[:MAX_NAME] or "Shared effect"
    RunFolder(folder, config, name or effect, effect, effect_slug, about.created, about).write()
    save_version(folder / "weights.safetensors", partial(save_weights, model=model, step=step, is_half=True))


def _save(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_png(image, path, is_lasting=False)


def _cutouts(unpacked: Path, image_size: int) -> Iterator[tuple[int, tuple[Image.Image, ...]]]:
    for number, small in _numbered(unpacked.glob("cutouts/small/*.png"), MAX_CUTOUTS):
        files = small, unpacked / "cutouts" / "large" / small.name
        if _require_square(small) != placed_side(image_size):
            raise UserError(f"cutout {number} is of another size than it should be.")
        _require_square(files[1])
        yield number, tuple(load_layers(file).merged() for file in files)


def _chosen_pairs(unpacked: Path) -> Iterator[tuple[int, Image.Image, Image.Image]]:
    for number, before in _numbered(unpacked.glob("pairs/*-before.jpg"), MAX_PAIRS):
        after = before.with_name(f"{number}-after.jpg")
        if _require_square(before) != _require_square(after):
            raise UserError(f"the two sides of pair {number} differ in size.")
        yield number, load_image(before), load_image(after)


def _numbered(paths: Iterable[Path], most: int) -> list[tuple[int, Path]]:
    found = sorted((int(path.stem.partition("-")[0]), path) for path in paths)
    if len(found) > most:
        raise UserError(f"it holds {len(found)} of {found[0][1].parent.name}, and at most {most} are possible.")
    return found


def _require_square(path: Path) -> int:
    """Return the side of a picture, in pixels."""
    width, height = picture_size(path)
    if width != height or width > MAX_SIDE:
        raise UserError(f"{path.name} is {width} x {height} pixels, and not a square of at most {MAX_SIDE}.")
    return width
