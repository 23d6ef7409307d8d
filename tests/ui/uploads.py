"""Files as a browser has uploaded them."""

from pathlib import Path

import gradio as gr
from PIL import Image

from tests.conftest import draw_toy_pair


def event(**data):
    return gr.EventData(None, data)


def upload(services, pictures: dict[str, Image.Image | bytes], folder: str = "") -> gr.EventData:
    """Put files where Gradio puts uploads, and return the event that tells the page about them."""
    files = []
    for number, (name, content) in enumerate(pictures.items()):
        place = services.workspace.new_cache_folder("uploads") / f"{number}{Path(name).suffix}"
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            content.save(place, format="PNG")
        files.append({"path": str(place), "name": name})
    return event(files=files, folder=folder)


def toy_pairs(*names: tuple[str, str], size: int = 32) -> dict[str, Image.Image]:
    """Return a picture for each of the two names of a pair."""
    pictures = {}
    for seed, pair in enumerate(names):
        pictures |= zip(pair, draw_toy_pair(seed, size))
    return pictures
