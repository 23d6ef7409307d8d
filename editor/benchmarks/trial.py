"""One trial of a benchmark: train a model for its time, with the clock stopped while it is scored."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import NamedTuple

import torch
from torch import Tensor

from editor.benchmarks.machine import describe_machine
from editor.benchmarks.methods import Learner, build
from editor.benchmarks.prompted import PromptedConfig
from editor.benchmarks.results import Cell, CurvePoint, Result
from editor.benchmarks.scoring import score
from editor.data.dataset import PairDataset
from editor.images import to_image, to_tensor
from editor.memory import PeakMemory
from editor.metrics.judges import NO_JUDGES, Judges
from editor.metrics.psnr import psnr
from editor.training.progress import Progress

FIRST_SCORE_SECONDS = 2.0  # of training
LAST_SCORE = 0.98  # share of the training after which the next score is that of the end
SCORE_EVERY = 1.3  # ratio of the times of two points of the curve


class Trial(NamedTuple):
    """One trained model, measured.

    Attributes:
        result: All figures.
        edits: Its edits of the test sources, (b, 3, h, w) in [-1, 1], rounded to 8 bits.
    """

    result: Result
    edits: Tensor


class _Timed(NamedTuple):
    """Edits of all test sources (b, 3, h, w) and the median time of one, in seconds."""

    edits: Tensor
    seconds: float


def run_trial(
    cell: Cell,
    *,
    training: PairDataset,
    test: PairDataset,
    device: torch.device,
    prompted: PromptedConfig | None = None,
    judges: Judges = NO_JUDGES,
    on_progress: Callable[[float, float], None],
    should_stop: Callable[[], bool],
) -> Trial | None:
    """Train the model of one cell and score it.

    Args:
        cell: Which model.
        training: Its pairs, at `cell.size`.
        test: Pairs to score it on.
        device: Where to compute.
        prompted: Settings of a method that follows a prompt.
        judges: Measure what needs pretrained networks.
        on_progress: Called with the share of the training since the last call and the newest test PSNR in dB, which is
            NaN before the first.
        should_stop: Called between steps and, where none are made, between edits.

    Returns:
        None if `should_stop` was true.

    Raises:
        UserError: The method cannot work at that size, its weights cannot be had, or its loss became NaN or infinite.
    """
    torch.manual_seed(cell.seed)
    memory = PeakMemory(device)
    learner = build(
        cell.method, training, size=cell.size, budget=cell.budget, seed=cell.seed, device=device, prompted=prompted
    )
    due = score_times()
    next_score = next(due)
    curve: list[CurvePoint] = []
    processor_seconds = reported = 0.0
    progress = Progress(budget=cell.budget)
    while progress.share < 1:
        if should_stop():
            return None
        start, processor_start = time.perf_counter(), time.process_time()
        learner.training_step(progress.seconds)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        progress.seconds += time.perf_counter() - start
        progress.step = learner.step
        processor_seconds += time.process_time() - processor_start
        if progress.seconds >= next_score and progress.share < LAST_SCORE:
            point = CurvePoint(progress.seconds, psnr(_edit_all(learner, test.x).edits, test.y).mean().item())
            curve.append(point)
            next_score = next(time_ for time_ in due if time_ > progress.seconds)
        on_progress(progress.share - reported, curve[-1].psnr if curve else float("nan"))
        reported = progress.share

    seconds = progress.seconds
    timed = _edit_all(learner, test.x, (lambda: False) if learner.step else should_stop)
    if timed is None:
        return None
    edits, seconds_per_edit = timed
    figures = score(x=test.x, y_hat=edits, y=test.y, judges=judges)
    result = Result(
        cell=cell,
        figures=figures,
        curve=(*curve, CurvePoint(seconds, figures.psnr)),
        pairs=len(training) if cell.shots else 0,
        steps=learner.step,
        seconds=seconds,
        cores_used=processor_seconds / seconds if seconds else 0.0,
        parameters=learner.num_parameters,
        seconds_per_edit=seconds_per_edit,
        peak_memory_mib=memory.mib() if learner.step else None,
        machine=describe_machine(device),
        settings=asdict(learner.settings) if learner.settings else {},
    )
    return Trial(result, edits)


def score_times() -> Iterator[float]:
    """Yield the times of scores, in seconds of training. They are the same for every budget."""
    due = FIRST_SCORE_SECONDS
    while True:
        yield due
        due *= SCORE_EVERY


def _edit_all(learner: Learner, x: Tensor, should_stop: Callable[[], bool] = lambda: False) -> _Timed | None:
    """Edit one picture after the other, as a person would. The random numbers of the training are not used up.

    Returns:
        None if `should_stop` was true.
    """
    edits, seconds = [], []
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for picture in x.split(1):
            if should_stop():
                return None
            start = time.perf_counter()
            edit = learner.edit(picture)
            seconds.append(time.perf_counter() - start)
            edits.append(to_tensor(to_image(edit[0])))
    return _Timed(torch.stack(edits), statistics.median(seconds))
