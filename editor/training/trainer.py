"""Optimize one EditingModel on one set of pairs. Knows nothing of threads, files or screens."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from editor.config import Budget, RunConfig
from editor.data.dataset import PairBatch
from editor.device import autocast, describe
from editor.metrics.psnr import psnr
from editor.models.editing_model import EditingModel
from editor.training.control import Control
from editor.training.events import Adjusted, CheckpointDue, Finished, Paused, Preview, Started, StepDone, TrainEvent
from editor.training.likeness import Likeness
from editor.training.micro_batch import MicroBatch, noise_for_rows
from editor.training.objective import objective
from editor.training.optimizers import build_optimizers, power_average
from editor.training.previews import Previewer
from editor.training.registration import Registered
from editor.training.setbacks import AwakeClock, DivergedError, RollbackPoint

REPORT_SECONDS = 0.5  # between two StepDone events
CHECKPOINT_SECONDS = 60.0  # between two full saves: the most training time that a crash loses
MIN_PREVIEW_SECONDS = 3.0
PREVIEW_SHARE = 0.05  # of the time may go into previews ...
MAX_PREVIEW_SECONDS = 30.0  # ... but this is the longest interval between two
ROLLBACK_STEPS = 100  # between two rollback points
MIN_RATE_FACTOR = 1 / 8  # of the learning rate, which is halved at each rollback


@dataclass(kw_only=True)
class Progress:
    """Where a run stands. A segment is one press of Start or Continue: its budget shapes the learning rate."""

    step: int = 0
    seconds: float = 0.0  # of training, over all segments
    segment_step: int = 0  # `step` when the segment began
    segment_seconds: float = 0.0  # `seconds` when the segment began
    rate_factor: float = 1.0  # of the learning rate; below 1 after a rollback
    budget: Budget | None = None

    def begin(self, budget: Budget) -> None:
        """Open a new segment here."""
        self.segment_step, self.segment_seconds, self.budget = self.step, self.seconds, budget

    @property
    def share(self) -> float:
        """Share of the segment's budget that is used up, 0 to 1."""
        if self.budget is None:
            return 1.0
        if self.budget.steps is not None:
            used = (self.step - self.segment_step) / self.budget.steps
        else:
            used = (self.seconds - self.segment_seconds) / (60 * self.budget.minutes)
        return min(used, 1.0)

    @property
    def eta_seconds(self) -> float:
        """Time the rest of the segment will take at the pace of the segment so far."""
        elapsed = self.seconds - self.segment_seconds
        return elapsed * (1 - self.share) / self.share if self.share else 0.0


class Trainer:
    """Joint, end-to-end optimisation of M_x, M_e and M_y (Sec. 3.2).

    Attributes:
        training: Pairs to learn from.
        held_out: Pairs for previews.
        chance_shift: How far targets were moved onto their sources, as a share of the side; None if they were not.
        progress: Steps and seconds so far.
        model: What the optimizers change.
        averaged: Running mean of its weights; previews and editing use this.
    """

    def __init__(self, config: RunConfig, pairs: Registered, device: torch.device) -> None:
        """Prepare a fresh run.

        Args:
            config: Settings of the run.
            pairs: At least one to learn from; those held out are only looked at, for previews.
            device: Where to compute.
        """
        self.config = config
        self.training, self.held_out, self.chance_shift = pairs
        self._likeness = Likeness(self.training) if config.output == "canvas" else None
        self.device = device
        self.progress = Progress()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            model = EditingModel(config)
        self.model = model.to(device, memory_format=torch.channels_last)
        self.averaged = AveragedModel(
            self.model, multi_avg_fn=power_average(config.optimizer.ema_exponent)
        ).requires_grad_(False)
        self.averaged.eval()
        self.optimizers = build_optimizers(self.model, config.optimizer)
        self._step_batch = MicroBatch(config.optimizer.batch_size, device)
        self._previewer = Previewer(self.averaged.module, pairs, config, device)
        self._adjusted: list[Adjusted] = []  # not yielded yet

    def run(
        self,
        budget: Budget | None = None,
        control: Control | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> Iterator[TrainEvent]:
        """Train until the budget is used up or somebody asks to stop, yielding what happens.

        After a `Paused` event the caller waits as long as the pause lasts before it takes the next event.

        Args:
            budget: How long from here; None goes on with the budget that a stop interrupted.
            control: Requests from other threads, polled between steps.
            clock: Returns seconds. Pass one that can be paused to leave out the caller's own work, such as scoring.

        Raises:
            TrainingError: The loss diverges even at the lowest learning rate, or memory does not suffice.
        """
        clock = AwakeClock(clock)
        progress, control = self.progress, control or Control()
        if is_new := budget is not None or progress.budget is None:
            progress.begin(budget or Budget(minutes=5))
        yield Started(
            step=progress.step,
            seconds=progress.seconds,
            device=describe(self.device),
            num_pairs=len(self.training),
            num_held_out=len(self.held_out),
            chance_shift=self.chance_shift,
            color_map=self.model.explained,
            unedited_psnr=psnr(*self._previewer.shown.images.unbind(1)).mean().item(),
            budget_minutes=progress.budget.minutes,
            budget_steps=progress.budget.steps,
            progress=progress.share,
        )
        if progress.step == 0:  # the first point of the curve
            yield self.preview()
        elif is_new:  # else a crash before the next save would lose the new budget
            yield CheckpointDue(step=progress.step, seconds=progress.seconds)

        sums: dict[str, float] = defaultdict(float)
        reported = (progress.step, progress.seconds)
        next_preview = progress.seconds + MIN_PREVIEW_SECONDS
        next_checkpoint = progress.seconds + CHECKPOINT_SECONDS
        start = clock() - progress.seconds
        good = self._rollback_point()
        kept, was_stopped = 0, False
        while progress.share < 1:
            if was_stopped := control.should_stop():
                break
            if control.should_pause():
                if progress.step != kept:
                    yield from self._keep()
                    kept = progress.step
                yield Paused(step=progress.step, seconds=progress.seconds)
                start = clock() - progress.seconds
                continue
            try:
                losses = self.training_step()
            except DivergedError as error:
                progress.seconds = clock() - start
                self._roll_back(good, error)
                losses, kept = {}, None  # step numbers repeat after a rollback, with other weights
                reported = (progress.step, progress.seconds)
                sums.clear()
            for name, value in losses.items():
                sums[name] += value
            progress.seconds = clock() - start
            yield from self._adjustments()
            if not losses:
                continue
            if progress.step % ROLLBACK_STEPS == 0:
                good = self._rollback_point()

            if progress.seconds - reported[1] >= REPORT_SECONDS or progress.share >= 1:
                steps = progress.step - reported[0]
                losses = {name: value / steps for name, value in sums.items()}
                yield StepDone(
                    step=progress.step,
                    seconds=progress.seconds,
                    progress=progress.share,
                    losses=losses,
                    learning_rate=self.learning_rate(),
                    steps_per_second=steps / max(progress.seconds - reported[1], 1e-9),
                    eta_seconds=progress.eta_seconds,
                )
                reported = (progress.step, progress.seconds)
                sums.clear()
            if (progress.seconds >= next_preview or control.is_asked("preview")) and progress.share < 1:
                yield self.preview()
                control.done("preview")
                now = clock() - start
                cost = now - progress.seconds
                progress.seconds = now
                next_preview = now + min(max(MIN_PREVIEW_SECONDS, cost / PREVIEW_SHARE), MAX_PREVIEW_SECONDS)
            if (progress.seconds >= next_checkpoint or control.is_asked("save")) and progress.share < 1:
                yield CheckpointDue(step=progress.step, seconds=progress.seconds)
                control.done("save")
                next_checkpoint = clock() - start + CHECKPOINT_SECONDS

        if progress.step != kept:
            yield from self._keep()
        yield Finished(step=progress.step, seconds=progress.seconds, was_stopped=was_stopped)

    def _keep(self) -> Iterator[TrainEvent]:
        """Yield a preview and a checkpoint, so that nothing is lost if the process ends now."""
        yield self.preview()
        yield CheckpointDue(step=self.progress.step, seconds=self.progress.seconds)

    def training_step(self) -> dict[str, float]:
        """Do one update and return the unweighted losses.

        Raises:
            DivergedError: The loss or its gradient is NaN or infinite. Nothing was updated.
            TrainingError: Memory does not suffice for a single picture.
        """
        config = self.config
        # All randomness comes from (seed, step), so a continued run draws what an uninterrupted one would.
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + self.progress.step)
        batch = self.training.sample(
            batch_size=config.optimizer.batch_size,
            group_size=config.group_size,
            config=config.augment.with_less_color(self.model.explained),
            generator=generator,
            device=self.device,
            nearest=self._likeness.nearest if self._likeness else None,
        )

        t = torch.randint(self.model.num_timesteps, (len(batch.x_j),), generator=generator).to(self.device)

        def gradients(size: int) -> dict[str, float]:
            return self._gradients(batch, t, generator, size)

        losses = self._step_batch.fit(gradients, on_smaller=self._tell_smaller)
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), config.optimizer.grad_clip)
        if not math.isfinite(norm.item()):
            raise self._diverged()
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.learning_rate()
            optimizer.step()
        self.averaged.update_parameters(self.model)
        self.progress.step += 1
        return losses

    @property
    def pictures_at_once(self) -> int:
        """How many pictures of a step go through the network at once: all of them, unless memory did not suffice."""
        return min(self._step_batch.size, self.config.optimizer.batch_size)

    def _gradients(self, batch: PairBatch, t: Tensor, generator: torch.Generator, size: int) -> dict[str, float]:
        """Predict, at most `size` groups at once, and leave the gradient of the whole batch in the parameters."""
        self.model.zero_grad(set_to_none=True)
        sums: dict[str, float] = defaultdict(float)
        for start in range(0, len(t), size):
            rows = slice(start, min(start + size, len(t)))
            share = (rows.stop - rows.start) / len(t)  # every loss is a mean over the groups
            part, noise = batch[rows], noise_for_rows(generator, rows, len(t))
            with autocast(self.device):
                output = self.model(x_i=part.x_i, y_i=part.y_i, x_j=part.x_j, t=t[rows], noise=noise)
            losses = objective(output, part, one_to_one=self.config.one_to_one)
            loss = losses.weighted_sum(self.config.loss_weights)
            total, *values = torch.stack([loss, *losses.terms().values()]).tolist()  # one transfer from the device
            if not math.isfinite(total):  # must come before backward, which crashes the process on NaN positions
                raise self._diverged()
            (share * loss).backward()
            for name, value in zip(losses.terms(), values):
                sums[name] += share * value
        return dict(sums)

    def _diverged(self) -> DivergedError:
        return DivergedError(
            f"The loss stopped being a number at step {self.progress.step:,}. Start again with another seed, and look "
            "for pairs that are unlike the others."
        )

    def _tell_smaller(self) -> None:
        size, whole = self._step_batch.size, self.config.optimizer.batch_size
        self._adjust(
            f"There was not enough memory for a whole step of {whole} pictures at once, so they now pass {size} at a "
            "time. The same is learned, only more slowly."
        )

    def _adjust(self, message: str) -> None:
        self._adjusted.append(Adjusted(step=self.progress.step, seconds=self.progress.seconds, message=message))

    def _adjustments(self) -> Iterator[Adjusted]:
        """Yield what was adjusted since the last call."""
        adjusted, self._adjusted = self._adjusted, []
        yield from adjusted

    def _rollback_point(self) -> RollbackPoint:
        return RollbackPoint(self.progress.step, (self.model, self.averaged, *self.optimizers))

    def _roll_back(self, good: RollbackPoint, error: DivergedError) -> None:
        """Go on from an earlier state with half the learning rate.

        Raises:
            DivergedError: The learning rate is at its minimum already.
        """
        progress = self.progress
        if progress.rate_factor <= MIN_RATE_FACTOR:
            raise error
        good.restore()
        progress.rate_factor /= 2
        lost, progress.step = progress.step, good.step
        self._adjust(
            f"The loss stopped being a number at step {lost:,}. Training went back to step {good.step:,} and goes on "
            f"with {progress.rate_factor:g} of the learning rate."
        )

    def learning_rate(self) -> float:
        """Return the rate of the next step: warm-up by steps, then a half cosine over the budget."""
        settings = self.config.optimizer
        warmup = min((self.progress.step - self.progress.segment_step + 1) / settings.warmup_steps, 1.0)
        decay = 0.5 * (1 + math.cos(math.pi * self.progress.share))
        return settings.learning_rate * self.progress.rate_factor * warmup * max(decay, 0.01)

    def preview(self) -> Preview:
        """Measure the crispness and edit the held-out pairs, see `Previewer.preview`."""
        return self._previewer.preview(step=self.progress.step, seconds=self.progress.seconds)
