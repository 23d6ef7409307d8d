"""A trained effect as ONNX: what the network answers for one square, and beside it how an answer becomes an edit.

```
NAME.onnx              picture (1, 3, s, s) -> answer (1, 6, s, s), see `sharing.answer_graph`
NAME.detail.onnx       the detail filter, (1, 3, h, w) -> the same shape, where the effect has one
NAME.json              names, ranges and sizes; the color map
NAME.cutouts           where edits paste what the pairs add: PNG files, RGBA, small/1.png ... and large/1.png ...
edit_with_onnx.py      edits with onnxruntime, numpy and Pillow alone, with the other scripts beside it
__init__.py            in an archive: a node of ComfyUI
```

The answer is applied to the photo's own pixels by whoever runs the graph. So the graph has no GridSample, which some
runtimes lack, and a photo of any size is edited with one square.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from editor import grain
from editor.editing.editor import MAX_STRENGTH, Editor
from editor.editing.filtered_photo import MOST_ENLARGED
from editor.files import replace_file
from editor.grain import TONE, Grain
from editor.image_files import MAX_PIXELS, save_png
from editor.images import MAX_SQUARES
from editor.levels import Levels
from editor.models.detail_filter import MARGIN, MULTIPLE
from editor.models.editing_model import EditingModel
from editor.models.tiles import TILE
from editor.sharing.answer_graph import CHANNELS, AnswerGraph
from editor.sharing.cutouts import CutoutPictures, cutouts_of, numbers
from editor.sharing.errors import SharingError
from editor.training.run_folder import CutoutFiles, RunFolder

if TYPE_CHECKING:
    import onnx

FORMAT = 1
OPSET = 18
SMALL = 1024  # entries: weights with fewer keep float32, which costs nothing
ASSETS = Path(__file__).parents[2] / "assets"
SHARED = ASSETS / "sharing"
SCRIPTS = (  # that go along, the one to run first
    *(SHARED / f"{name}.py" for name in ("edit_with_onnx", "paste_cutouts", "write_passes")),
    Path(grain.__file__),
)
NODE = "comfyui_node.py"  # makes a folder a node of ComfyUI
MISSING = (
    "An ONNX file or a web page needs the packages onnx and onnxscript. Install them with .venv/bin/pip install onnx "
    "onnxscript and start Pairbrush again."
)
HOW = (
    "Scale the photo to the square (its longest side becomes `size`, the rest is mirrored; with fit=crop its shortest "
    "side, in overlapping windows). Enlarge the answer bilinearly to the photo. base = the photo's pixels, each taken "
    "from move_x, move_y pixels of the square further right and down, then through color_map if there is one. "
    "Where that has gains (planes of red, green and blue over the whole photo, corner to corner, that multiply light "
    "from 0 to 1 after the table), the photo goes through both before all else instead; and where it has levels (never "
    "without gains), the photo is stretched before that: its black point becomes -1, its white point 1. They are "
    "levels of 0 to 255: as many as have at most the share `black` of all values at or below them, and as many as have "
    "less than 1 - `white`; of the light, (2126 r + 7152 g + 722 b) / 10000 rounded, of all three channels together, "
    "or of each for itself. "
    "edit = base + strength * (factor * base + (red, green, blue)). All colors are in [-1, 1]. "
    "Where there is grain, it is laid over the edit as grain.py says."
)


@dataclass(frozen=True, slots=True)
class Graphs:
    """An effect as graphs.

    Attributes:
        graphs: Serialized ONNX models by name: "answer", and "detail" where there is a detail filter.
        about: What whoever runs them has to know, ready for JSON.
        table: The color map, (n, n, n, 3) float32 in [-1, 1]; None where there is none.
        gains: Of that map, (3, k, k) float32 in [0, 1]; None where the map does not depend on the photo.
        levels: By which a photo is stretched before it; None where it is not.
        cutouts: What edits paste, if they do.
        editor: What they were made of.
    """

    graphs: dict[str, bytes]
    about: dict[str, Any]
    table: np.ndarray | None
    gains: np.ndarray | None
    levels: Levels | None
    cutouts: Sequence[CutoutPictures]
    editor: Editor


def export_onnx(run: RunFolder, path: Path) -> str:
    """Write a run as `path` and the files beside it, and return what was made.

    Raises:
        SharingError: A package is missing, or the run cannot edit without its pairs.
        RunError: The run has learned nothing.
        EditorError: Its files are damaged.
        OSError: A file cannot be written.
    """
    effect = graphs_of(run)
    about = effect.about | {"color_map": plain_map(effect.table, effect.gains, effect.levels), "how": HOW}
    for name, graph in effect.graphs.items():
        replace_file(path if name == "answer" else path.with_suffix(f".{name}.onnx"), graph)
    replace_file(path.with_suffix(".json"), json.dumps(about, indent=1, ensure_ascii=False).encode())
    for script in SCRIPTS:
        shutil.copyfile(script, path.with_name(script.name))
    for number, cutout in enumerate(effect.cutouts, 1):
        for kind, picture in zip(CutoutFiles._fields, cutout):
            file = path.with_suffix(".cutouts") / kind / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            save_png(picture.image, file)
    return f"{path} edits with any ONNX runtime: python {SCRIPTS[0].name} {path.name} IMAGE OUT.png"


def export_zip(run: RunFolder, path: Path) -> str:
    """Write what `export_onnx` writes as one archive, and return what was made; raises as that does."""
    with tempfile.TemporaryDirectory() as folder:
        export_onnx(run, Path(folder) / f"{path.stem}.onnx")
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(Path(folder).rglob("*.*")):
                if file.is_file():
                    archive.write(file, file.relative_to(folder))
            archive.write(SHARED / NODE, "__init__.py")
    replace_file(path, packed.getvalue())
    return f"{path} holds the effect for any ONNX runtime, and a script that edits with it."


def graphs_of(run: RunFolder) -> Graphs:
    """Return a run as graphs; raises as `export_onnx` does."""
    run.require_weights()
    editor = Editor.load(run.path, "cpu")
    model, config = editor.model, editor.model.config
    size = config.image_size
    graphs = {"answer": _graph(AnswerGraph(model), torch.zeros(1, 3, size, size))}
    about = {
        "format": FORMAT,
        "name": run.name,
        "effect": run.effect,
        "input": {"name": "picture", "shape": [1, 3, size, size], "range": [-1, 1], "channels": CHANNELS[3:]},
        "output": {"name": "answer", "shape": [1, len(CHANNELS), size, size], "channels": CHANNELS},
        "size": size,
        "fit": config.fit,
        "grid": editor.sight.window_grid,
        "max_squares": MAX_SQUARES,
        "max_strength": MAX_STRENGTH,
        "most_pixels": MAX_PIXELS,
        "detail": None,
        "paste": None,
        "grain": plain_grain(model.grain),
    }
    if model.has_detail:
        graphs["detail"], about["detail"] = detail_graph(model), detail_of(model)
    cutouts = cutouts_of(editor)
    if cutouts:
        about["paste"] = {"count": len(cutouts), **numbers()}
    color_map = model.color_map
    table = None if color_map is None or color_map.is_identity else color_map.table.float().numpy()
    gains = color_map.gains.float().numpy() if model.needs_photo else None
    levels = None if color_map is None else color_map.auto_levels
    return Graphs(graphs, about, table, gains, levels, cutouts, editor)


def detail_graph(model: EditingModel) -> bytes:
    """Return the detail filter of a model as a graph for pictures whose sides are multiples of `MULTIPLE`."""
    return _graph(model.detail_filter, torch.zeros(1, 3, 4 * MULTIPLE, 6 * MULTIPLE), is_any_size=True)


def detail_of(model: EditingModel) -> dict[str, Any]:
    """Return what whoever runs that graph has to know, see `editing.filtered_photo` and `models.tiles`."""
    detail = model.config.detail
    return {
        "size": detail.size,
        "scale": detail.scale,
        "most_enlarged": MOST_ENLARGED,
        "margin": MARGIN,
        "multiple": MULTIPLE,
        "tile": TILE,
    }


def _graph(module: nn.Module, picture: Tensor, *, is_any_size: bool = False) -> bytes:
    """Return a module as a serialized ONNX model with large weights in float16, computing in float32.

    Args:
        module: Maps a picture (1, 3, h, w) to (1, c, h, w).
        picture: An example.
        is_any_size: Whether h and w may be any multiples of `MULTIPLE`, or only those of the example.
    """
    try:
        import onnx
        from onnxscript import optimizer
    except ImportError as error:
        raise SharingError(MISSING) from error
    sides = {axis: MULTIPLE * torch.export.Dim(name, min=1) for axis, name in ((2, "rows"), (3, "columns"))}
    program = torch.onnx.export(
        module.eval(),
        (picture,),
        dynamo=True,
        opset_version=OPSET,
        optimize=False,  # its rewriting takes longer than all the rest and gains nothing here
        dynamic_shapes=(sides,) if is_any_size else None,
        input_names=["picture"],
        output_names=["answer"],
        verbose=False,
    )
    optimizer.inline(program.model)
    optimizer.fold_constants(program.model)
    optimizer.remove_unused_nodes(program.model)
    graph = program.model_proto
    _forget_traces(graph)
    _halve(graph)
    onnx.checker.check_model(graph)
    return graph.SerializeToString()


def _forget_traces(model: onnx.ModelProto) -> None:
    """Take out what the exporter notes beside each node: files and lines of this machine."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""


def _halve(model: onnx.ModelProto) -> None:
    """Keep large weights as float16, each with a Cast to float32, which runtimes do once when they load the graph."""
    import onnx

    casts = []
    for tensor in model.graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size >= SMALL:
            name = tensor.name
            tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
            casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def plain_map(table: np.ndarray | None, gains: np.ndarray | None, levels: Levels | None) -> dict[str, Any] | None:
    """Return a color map for JSON: red is the first axis and changes slowest."""
    if table is None:
        return None
    planes = None if gains is None else _planes(gains)
    return {"size": len(table), "table": _rounded(table), "gains": planes, "levels": plain_levels(levels)}


def plain_levels(levels: Levels | None) -> dict[str, Any] | None:
    """Return levels for JSON."""
    return None if levels is None else levels._asdict()


def plain_grain(grain: Grain | None) -> dict[str, Any] | None:
    """Return grain for JSON."""
    if grain is None:
        return None
    return {name: values.round(6).tolist() for name, values in grain._asdict().items()} | {"tone": TONE}


def _planes(gains: np.ndarray) -> dict[str, Any]:
    return {"size": gains.shape[-1], "values": _rounded(gains)}


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 5) for value in values.ravel()]
