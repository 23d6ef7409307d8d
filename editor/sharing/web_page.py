"""An effect as one web page, which edits by itself: opened by double click, without a server or a connection.

The page holds the effect's graphs, ONNX Runtime Web and our scripts. It runs under a Content-Security-Policy that
forbids every connection, so what it promises (no photo leaves the browser) is what the browser enforces.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from io import BytesIO
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from editor.files import replace_file
from editor.pasting.cutout import CutoutPicture
from editor.sharing.onnx_graph import ASSETS, SHARED, Graphs, graphs_of, plain_levels
from editor.training.run_folder import CutoutFiles, RunFolder

RUNTIME = ASSETS / "onnxruntime-web"
GLUE, WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm.gz"
WORKER = (
    "resize",
    "fit",
    "levels",
    "color_map",
    "grain",
    "transparency",
    "transfer",
    "detail",
    "placing",
    "paste",
    "worker",
)
POLICY = (
    "default-src 'none'; script-src '{script}' blob: 'wasm-unsafe-eval'; worker-src blob:; style-src '{style}'; "
    "img-src blob: data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
)
# A static Space sends these, which lets the page compute in several threads.
SPACE = """---
title: {title}
emoji: 🖌️
sdk: static
pinned: false
custom_headers:
  cross-origin-embedder-policy: require-corp
  cross-origin-opener-policy: same-origin
  cross-origin-resource-policy: cross-origin
---

{learned} The whole editor is `index.html`, made with Pairbrush: photos are edited in the browser and sent nowhere.
"""


def export_page(run: RunFolder, path: Path) -> str:
    """Write a run as one HTML file and return what was made; raises as `onnx_graph.export_onnx` does."""
    replace_file(path, page_of(graphs_of(run)).encode())
    return f"{path} edits in any browser: open it by double click, without Pairbrush or a connection."


def export_space(run: RunFolder, path: Path) -> str:
    """Write a run as a folder for a static Space, `index.html` and `README.md`, and return what was made.

    Raises:
        FileExistsError: There is something at `path` already.
        SharingError, RunError, EditorError, OSError: As `onnx_graph.export_onnx` does.
    """
    effect = graphs_of(run)
    path.mkdir(parents=True)
    replace_file(path / "index.html", page_of(effect).encode())
    front = SPACE.format(title=json.dumps(effect.about["effect"], ensure_ascii=False), learned=learned(effect))
    replace_file(path / "README.md", front.encode())
    return f"{path} is a static Space: upload what is in it to one."


def page_of(effect: Graphs) -> str:
    """Return the HTML file of an effect."""
    about = effect.about | {"graphs": list(effect.graphs), "color_map": None}
    packed = {f"graph-{name}": _packed(graph) for name, graph in effect.graphs.items()}
    if effect.table is not None:
        about["color_map"] = {"size": len(effect.table), "gain_size": 0, "levels": plain_levels(effect.levels)}
        packed["table"] = _packed(effect.table.astype("<f4").tobytes())
    if effect.gains is not None:
        about["color_map"]["gain_size"] = effect.gains.shape[-1]
        packed["gains"] = _packed(effect.gains.astype("<f4").tobytes())
    for number, cutout in enumerate(effect.cutouts, 1):
        packed |= {f"{kind}-{number}": _packed(_opaque(picture)) for kind, picture in zip(CutoutFiles._fields, cutout)}
    packed["glue"] = _packed((RUNTIME / GLUE).read_bytes())
    packed["wasm"] = base64.b64encode((RUNTIME / WASM).read_bytes()).decode()
    described = json.dumps(about, ensure_ascii=False).replace("<", "\\u003c")  # no name ends the script it is in
    script, style = _asset("page.js"), _asset("page.css")
    worker = "\n".join(_asset(f"{name}.js") for name in WORKER)
    environment = Environment(loader=FileSystemLoader(SHARED), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html").render(
        name=about["effect"],
        learned=learned(effect),
        max_strength=about["max_strength"],
        policy=Markup(POLICY.format(script=_digest(script), style=_digest(style))),
        logo=Markup((ASSETS / "logo.svg").read_text(encoding="utf-8")),
        style=Markup(style),
        script=Markup(script),
        blocks={id: Markup(text) for id, text in {"effect": described, "worker": worker, **packed}.items()},
    )


def learned(effect: Graphs) -> str:
    """Return in a sentence what the effect was learned from."""
    return f"Learned from pairs of pictures, before and after, in {effect.editor.step:,} steps."


def _asset(name: str) -> str:
    return (SHARED / name).read_text(encoding="utf-8")


def _opaque(cutout: CutoutPicture) -> bytes:
    """Return a cutout as a PNG file: its colors, and below them its matte. A browser rounds colors under a matte."""
    red, green, blue, matte = np.asarray(cutout.image).transpose(2, 0, 1)
    stacked = np.vstack([np.dstack([red, green, blue]), np.dstack([matte] * 3)])
    data = BytesIO()
    Image.fromarray(stacked).save(data, "PNG", optimize=True)
    return data.getvalue()


def _packed(data: bytes) -> str:
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
