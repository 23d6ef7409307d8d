"""Looking inside what a run has learned: one pair of pairs in detail, or all of them at a glance."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from editor.editing.editor import Editor
from editor.image_files import load_layers, save_png
from editor.inspection.matrix import MatrixJob, PairMatrix
from editor.inspection.pictures import (
    FlowView,
    Inspected,
    InspectionPictures,
    draw_inspection,
    measure_inspection,
    probe_inspection,
)
from editor.inspection.trace import Trace, trace_edit
from editor.training.registration import apply_registration, find_registration
from editor.training.registration_file import read_registration
from editor.training.run_folder import RunFolder
from editor.views.affine import ColorRange
from editor.workspace.editing import Editing
from editor.workspace.errors import WorkspaceError, disk_errors_in_words
from editor.workspace.training import Training
from editor.workspace.workspace import Workspace

DRAWN_SECONDS = 600.0  # how long the pictures of an inspection stay in the cache; new weights bring new ones
KEPT = 4  # traces, truths and matrices that are kept of each kind
CHUNK_SECONDS = 0.6  # of computing at a matrix before others get a turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to look at.

    Attributes:
        run: The run.
        i: Name of the reference pair.
        j: Name of the pair to predict.
        photo: A picture to use as x_j instead, of which nobody knows y_j.
        noise_level: t of the first step as a share of the schedule.
        num_steps: Number of sampling steps.
    """

    run: str
    i: str
    j: str
    photo: Path | None = None
    noise_level: float = 1.0
    num_steps: int = 1


class CacheKey(NamedTuple):
    """What cached results about a run depend on besides its weights: whether its targets were registered, and how far.

    `chance_shift` is None before training has measured it. A run that was begun with the weights of another one can be
    inspected before that.
    """

    run: str
    chance_shift: float | None


class Inspecting:
    """Computes traces and pair matrices with the loaded editors of `Editing`. Safe to use from any thread."""

    def __init__(self, workspace: Workspace, training: Training, editing: Editing) -> None:
        self._workspace = workspace
        self._training = training
        self._editing = editing
        self._lock = threading.Lock()  # guards `_traces`, `_truths`, `_matrices`, `_sheets`
        self._traces: dict[tuple[Question, int, CacheKey], tuple[Trace, int]] = {}
        self._truths: dict[CacheKey, Tensor] = {}
        self._matrices: dict[CacheKey, MatrixJob] = {}
        self._sheets: dict[MatrixJob, tuple[Path, Path]] = {}

    def inspect(
        self,
        question: Question,
        *,
        view: FlowView = "wheel",
        max_pixels: float | None = None,
        color_range: ColorRange | None = None,
    ) -> Inspected:
        """Show what happens from the pair i, the reference, to the pair j or to a picture of a person's own.

        Args:
            question: What to look at.
            view: How to draw F.
            max_pixels: Scale of the color wheel; None takes one that fits F.
            color_range: Where the maps of C have their full colors; None takes one that fits C.

        Raises:
            WorkspaceError, RunError, EditorError: There is no such run or pair, or nothing was learned yet.
            ImageError: The picture is not usable.
            SpaceError: The disk or the workspace is almost full.
        """
        known = self._known(question.run)
        key = question, self._editing.version(question.run), known
        with self._lock:
            found = self._traces.get(key)
        trace, step = found or self._trace(question, known)
        with self._lock:
            _remember(self._traces, key, (trace, step))
        facts = measure_inspection(trace, step=step, is_registered=known.chance_shift is not None)
        pictures = self._save_pictures(draw_inspection(trace, view, max_pixels, color_range))
        return Inspected(pictures, facts, probe_inspection(trace))

    def matrix(self, run: str) -> PairMatrix | None:
        """Return what was computed of the run's matrix so far; None where nobody asked for one.

        Raises:
            WorkspaceError, RunError: There is no such run.
        """
        known = self._known(run)
        with self._lock:
            job = self._matrices.get(known)
        return job and self._describe(run, job)

    def begin_matrix(self, run: str) -> PairMatrix:
        """Go on with the matrix of the run's newest weights; `advance_matrix` computes it.

        Raises:
            WorkspaceError, RunError, EditorError: There is no such run, or it has learned nothing yet.
        """
        editor, known = self._editing.editor(run), self._known(run)
        with self._lock:
            job = self._matrices.get(known)
        if job is None or job.step != editor.step:
            job = MatrixJob(editor, self._truth(known, editor))
            with self._lock:
                _remember(self._matrices, known, job)
        return self._describe(run, job)

    def advance_matrix(self, run: str) -> PairMatrix:
        """Compute a little more, and less at a time while a training is in progress.

        Raises:
            WorkspaceError, RunError: There is no such run, or nobody has begun one.
        """
        known = self._known(run)
        with self._lock:
            job = self._matrices.get(known)
        if job is None:
            raise WorkspaceError("There is no matrix of this run any more. Compute it again.")
        job.advance(CHUNK_SECONDS / 2 if self._training.active else CHUNK_SECONDS)
        return self._describe(run, job)

    def _known(self, run: str) -> CacheKey:
        return CacheKey(run, self._training.status(run).history.chance_shift)

    def _trace(self, question: Question, known: CacheKey) -> tuple[Trace, int]:
        editor = self._editing.editor(question.run)
        pair_i = editor.pair(question.i)
        if question.photo is None:
            index = editor.index(question.j)
            x_j, y_j = editor.pairs.x[index], self._truth(known, editor)[index]
        else:
            photo = load_layers(question.photo).shown()
            x_j = editor.sight.square(photo)
            y_j = None
        trace = trace_edit(
            editor,
            x_i=pair_i[0],
            y_i=pair_i[1],
            x_j=x_j,
            y_j=y_j,
            noise_level=question.noise_level,
            num_steps=question.num_steps,
        )
        return trace, editor.step

    def _truth(self, known: CacheKey, editor: Editor) -> Tensor:
        """Return the targets as training saw them, (m, 3, s, s)."""
        if known.chance_shift is None:
            return editor.pairs.y
        with self._lock:
            truth = self._truths.get(known)
        if truth is None:
            truth = _registered(editor, self._training.open(known.run))
            with self._lock:
                _remember(self._truths, known, truth)
        return truth

    def _describe(self, run: str, job: MatrixJob) -> PairMatrix:
        source, target = job.values()
        is_done = job.num_done == len(job.names) ** 2
        return PairMatrix(
            names=job.names,
            held_out=job.held_out,
            num_pairs=len(self._training.pairs(run)),
            step=job.step,
            is_newest=self._editing.editor(run).step == job.step,
            num_done=job.num_done,
            seconds_left=job.seconds_left,
            source=source,
            target=target,
            sheets=self._save_sheets(job) if is_done else None,
        )

    @disk_errors_in_words()
    def _save_pictures(self, pictures: InspectionPictures) -> dict[str, Path]:
        # Saved here rather than by Gradio, whose cache is shared by all visitors.
        self._workspace.require_space()
        directory = self._workspace.new_cache_folder("inspections", DRAWN_SECONDS)
        places = {}
        for name, picture in pictures._asdict().items():
            if picture is not None:
                places[name] = directory / f"{name}.png"
                save_png(picture, places[name], is_lasting=False)
        return places

    @disk_errors_in_words()
    def _save_sheets(self, job: MatrixJob) -> tuple[Path, Path]:
        with self._lock:
            known = self._sheets.get(job)
        if known is None or not all(path.is_file() for path in known):  # the cache may have dropped them
            directory = self._workspace.new_cache_folder("matrices")
            known = directory / "sources.png", directory / "targets.png"
            for path, sheet in zip(known, job.sheets()):
                save_png(sheet, path, is_lasting=False)
            with self._lock:
                _remember(self._sheets, job, known)
        return known


def _remember(known: dict[Any, Any], key: Any, value: Any) -> None:
    """Put an entry last, and drop the oldest."""
    known.pop(key, None)
    known[key] = value
    while len(known) > KEPT:
        del known[next(iter(known))]


def _registered(editor: Editor, run: RunFolder) -> Tensor:
    """Move targets onto their sources as training does, in the order of the editor's pairs."""
    pairs, references = editor.pairs, set(editor.references)
    learned_at = [index for index, name in enumerate(pairs.names) if name in references]
    held_out_at = [index for index, name in enumerate(pairs.names) if name not in references]
    about = (pairs[learned_at], pairs[held_out_at], run.config.registration)
    found = read_registration(run.registration_path, *about) or find_registration(*about)
    moved = apply_registration(*about[:2], found)
    targets = torch.empty_like(pairs.y)
    targets[learned_at], targets[held_out_at] = moved.training.y, moved.held_out.y
    return targets
