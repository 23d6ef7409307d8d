"""Stores of tiny one-colored pairs, and what is in them."""

from PIL import Image

from editor.pairs.store import PairStore


def picture(color="red", size=(4, 4)) -> Image.Image:
    return Image.new("RGB", size, color)


def filled(tmp_path, count: int) -> PairStore:
    store = PairStore(tmp_path / "effect")
    for number in range(count):
        store.add(f"{number:02}", picture("red"), picture("blue"))
    return store


def names(pairs) -> list[str]:
    return [pair.name for pair in pairs]


def files(store: PairStore) -> list[str]:
    return sorted(p.relative_to(store.directory).as_posix() for p in store.directory.rglob("*") if p.is_file())
