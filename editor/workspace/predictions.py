"""Two caches for editing, each dropping what was used least recently: loaded editors, and the network's predictions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

import torch
from PIL import Image

from editor.editing.editor import Editor
from editor.editing.frames import Frame, FramedPrediction
from editor.editing.prediction import Prediction
from editor.image_files import load_image
from editor.workspace.errors import WorkspaceError
from editor.workspace.photos import EditSettings, Photo, Weights
from editor.workspace.training import Training

MAX_EDITORS = 2
MAX_BYTES = 32 * 2**20  # of predictions: 73 of `draft`, 18 of `standard`, and asking again takes 0.1 s


class Predictions:
    """Loads editors and keeps their predictions. Safe to use from any thread."""

    def __init__(self, training: Training, device: torch.device) -> None:
        self._training = training
        self._device = device
        self._lock = threading.Lock()  # guards `_editors`, `_kept`
        self._editors: OrderedDict[tuple[str, Weights], tuple[int, Editor]] = OrderedDict()
        self._kept: OrderedDict[tuple[object, ...], Prediction | FramedPrediction] = OrderedDict()

    def version(self, run: str) -> int:
        """Return a number that changes whenever a run's weights do; 0 while there are none."""
        folder = self._training.open(run)
        return folder.weights_path.stat().st_mtime_ns if folder.has_weights else 0

    def editor(self, run: str, weights: Weights = "chosen") -> Editor:
        """Return the editor of a run; it is loaded anew once its weights have changed.

        Raises:
            WorkspaceError, RunError: There is no such run, or it has learned nothing yet.
            EditorError: Its weights cannot be used.
        """
        version = self.version(run)
        if not version:
            raise WorkspaceError("This run has learned nothing yet. Its first preview comes within seconds.")
        with self._lock:
            known = self._editors.get((run, weights))
            if known is None or known[0] != version:
                path = self._training.open(run).path
                same_run = next((editor for (name, _), (_, editor) in self._editors.items() if name == run), None)
                known = version, Editor.load(path, device=self._device, weights=weights, earlier=same_run)
            self._editors[run, weights] = known
            self._editors.move_to_end((run, weights))
            while len(self._editors) > MAX_EDITORS:
                self._editors.popitem(last=False)
            return known[1]

    def get(
        self, photo: Photo, settings: EditSettings, image: Image.Image | None = None
    ) -> Prediction | FramedPrediction:
        """Return what the network says about a photo; it is run only where it was not asked the same before.

        Args:
            photo: The photo.
            settings: How to edit it; strength and mask do not matter.
            image: The photo's pixels, if they are at hand.

        Raises:
            WorkspaceError, RunError, EditorError: There is no such run or reference, or nothing was learned yet.
        """
        asked = settings.run, settings.version, settings.weights, settings.reference, settings.choice, settings.seed
        key = photo.path, photo.frames, *asked
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        prediction = self.of(image or load_image(photo.path, photo.name), photo.frames, settings)
        with self._lock:
            self._kept[key] = prediction
            while sum(kept.num_bytes for kept in self._kept.values()) > MAX_BYTES and len(self._kept) > 1:
                self._kept.popitem(last=False)
        return prediction

    def of(self, image: Image.Image, frames: Sequence[Frame], settings: EditSettings) -> Prediction | FramedPrediction:
        """Return what the network says about a picture, which is not kept.

        Args:
            image: The picture.
            frames: The squares of it that are asked about; all of it if there are none.
            settings: How to edit it; strength and mask do not matter.

        Raises:
            WorkspaceError, RunError, EditorError: As for `get`.
        """
        editor = self.editor(settings.run, settings.weights)
        predict = partial(editor.predict, seed=settings.seed, reference=settings.reference, choice=settings.choice)
        return FramedPrediction.of(image, frames, predict) if frames else predict(image)
