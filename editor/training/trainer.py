"""Optimize one EditingModel on one set of pairs. Knows nothing of threads, files or screens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from torch import Tensor, nn

from editor.config import Budget, RunConfig
from editor.data.dataset import PairDataset
from editor.device import describe, fast_dtype, sent
from editor.grain import Grain
from editor.metrics.psnr import psnr
from editor.models.editing_model import EditingModel
from editor.training.cadence import Cadence
from editor.training.control import Control
from editor.training.data_parallel import Ranks
from editor.training.detail import SHARE as DETAIL_SHARE
from editor.training.detail import UPDATES, DetailStage
from editor.training.edit_similarity import EditSimilarity
from editor.training.events import Adjusted, CheckpointDue, Finished, Paused, Preview, Started, TrainEvent
from editor.training.figures import StepFigures, Update
from editor.training.filtered_pairs import filter_pairs
from editor.training.gradients import StepBatch, pair_gradients
from editor.training.micro_batch import MicroBatch
from editor.training.optimizers import PowerAverage, build_optimizers
from editor.training.previews import MAX_SHOWN, Previewer
from editor.training.progress import Progress
from editor.training.registration import Registered
from editor.training.setbacks import AwakeClock, DivergedError, LostRankError, RollbackPoint
from editor.training.threads import ThreadChoice, computing_with, thread_counts

ROLLBACK_STEPS = 100  # between two rollback points
MIN_RATE_FACTOR = 1 / 8  # of the learning rate, which is halved at each rollback


class Trainer:
    """Joint, end-to-end optimisation of M_x, M_e and M_y (Sec. 3.2), before that of a detail filter if there is one.

    Attributes:
        training: Pairs to learn from.
        held_out: Pairs for previews.
        chance_shift: How far targets were moved onto their sources, as a share of the side; None if they were not.
        progress: Steps and seconds so far.
        model: What the optimizers change.
        averaged: Running mean of its weights; previews and editing use this.
        scaler: Scales losses where gradients are float16; else it is not enabled and does nothing.
    """

    def __init__(
        self,
        config: RunConfig,
        pairs: Registered,
        device: torch.device,
        detail: DetailStage | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        """Prepare a fresh run.

        Args:
            config: Settings of the run.
            pairs: At least one to learn from; those held out are only looked at, for previews.
            device: Where to compute.
            detail: The same pairs at the size at which the detail filter learns. None where there is no such filter,
                or where targets were moved, so that fine detail of the files lies beside that of the sources.
            ranks: Other processes that compute a part of the gradients of M; None if there are none.
        """
        self.config = config
        self.training, self.held_out, self.chance_shift = pairs
        self._similarity = EditSimilarity(self.training) if config.output == "canvas" else None
        self.device = device
        self._resident = self.training.resident(device)
        self.progress = Progress()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            model = EditingModel(config)
        self.model = model.to(device, memory_format=torch.channels_last)
        self.averaged = PowerAverage(self.model, config.optimizer.ema_exponent).requires_grad_(False)
        self.averaged.eval()
        self.optimizers = build_optimizers(self.model, config.optimizer)
        self.scaler = torch.amp.GradScaler(device.type, enabled=fast_dtype(device) == torch.float16)
        self._unread: list[StepFigures] = []
        self._threads = ThreadChoice(thread_counts(device))
        self._step_batch = MicroBatch(config.optimizer.batch_size, device)
        self._ranks = ranks
        self._detail = detail if config.detail.mode == "on" else None
        num_shown = self._detail.num_previewed() if self._detail else MAX_SHOWN
        self._previewer = Previewer(self.averaged.module, pairs, config, device, num_shown)
        self._unfiltered = self.training, self.held_out
        self._unedited_psnr = psnr(*self._previewer.shown.images.unbind(1)).mean().item()
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
            TrainingError: The loss diverges even at the lowest learning rate, memory does not suffice, or another
                process of the training has ended.
        """
        if self._ranks is not None:
            self._ranks.begin(self.config)
        clock = AwakeClock(clock)
        progress, control = self.progress, control or Control()
        if is_new := budget is not None or progress.budget is None:
            progress.begin(budget or Budget(minutes=5))
        yield self._started()
        if progress.step == 0:  # the first point of the curve
            yield self.preview()
        elif is_new:  # else a crash before the next save would lose the new budget
            yield CheckpointDue(step=progress.step, seconds=progress.seconds)

        cadence = Cadence(progress)
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
            if self._is_detail_over:
                self._finish_detail()
                progress.seconds = clock() - start
                progress.detail_share = progress.share
                good = self._rollback_point()
                yield from self._keep()
                kept = progress.step
                self._threads = ThreadChoice(thread_counts(self.device))  # what follows are other steps
                continue
            try:
                with self._threads.timed():
                    self.training_step()
                progress.seconds = clock() - start
                if cadence.is_report_due or progress.step % ROLLBACK_STEPS == 0 or self._is_detail_over:
                    for losses in self.read_losses():
                        cadence.add(losses)
                    progress.seconds = clock() - start  # which it waited for
            except DivergedError as error:
                progress.seconds = clock() - start
                self._roll_back(good, error)
                kept = None  # step numbers repeat after a rollback, with other weights
                cadence.restart_report()
                yield from self._adjustments()
                continue
            except LostRankError:
                yield from self._keep()
                raise
            yield from self._adjustments()
            if progress.step % ROLLBACK_STEPS == 0:
                good = self._rollback_point()

            yield from self._due(cadence, control, lambda start=start: clock() - start)

        if progress.step != kept:
            yield from self._keep()
        yield Finished(step=progress.step, seconds=progress.seconds, was_stopped=was_stopped)

    def _started(self) -> Started:
        progress = self.progress
        return Started(
            step=progress.step,
            seconds=progress.seconds,
            device=describe(self.device) if self._ranks is None else self._ranks.describe(),
            num_pairs=len(self.training),
            num_held_out=len(self.held_out),
            chance_shift=self.chance_shift,
            color_map=self.model.explained,
            has_detail=self._detail is not None or self.model.has_detail,
            grain=self.model.grain and self.model.grain.typical,
            unedited_psnr=self._unedited_psnr,
            budget_minutes=progress.budget.minutes,
            budget_steps=progress.budget.steps,
            progress=progress.share,
        )

    def _due(self, cadence: Cadence, control: Control, seconds: Callable[[], float]) -> Iterator[TrainEvent]:
        """Yield the report, the preview and the checkpoint that are due after a step, or asked for.

        Args:
            cadence: When they are due.
            control: Where they are asked for.
            seconds: Returns the seconds of training until now.
        """
        progress = self.progress
        if cadence.is_report_due:
            yield cadence.report(self.learning_rate())
        if (cadence.is_preview_due or control.is_asked("preview")) and progress.share < 1:
            yield self.preview()
            control.done("preview")
            begun, progress.seconds = progress.seconds, seconds()
            cadence.previewed(progress.seconds - begun)
        if (cadence.is_checkpoint_due or control.is_asked("save")) and progress.share < 1:
            yield CheckpointDue(step=progress.step, seconds=progress.seconds)
            control.done("save")
            cadence.saved(seconds())

    def _keep(self) -> Iterator[TrainEvent]:
        """Yield a preview and a checkpoint, so that nothing is lost if the process ends now."""
        yield self.preview()
        yield CheckpointDue(step=self.progress.step, seconds=self.progress.seconds)

    def training_step(self) -> None:
        """Do one update. Nobody waits for what it finds out: `read_losses` tells.

        Nothing is updated where a loss or its gradient is NaN or infinite.

        Raises:
            TrainingError: Memory does not suffice for a single picture.
        """
        # All randomness comes from (seed, step), so a continued run draws what an uninterrupted one would.
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + self.progress.step)
        if self._learns_detail:
            updates = [self._update(self._detail_gradients(generator)) for _ in range(UPDATES)]
        else:
            updates = [self._update(self._pair_gradients(generator))]
            self.progress.is_m_trained = True
        self._unread.append(StepFigures(self.progress.step, updates))
        self.progress.step += 1

    def read_losses(self) -> list[dict[str, float]]:
        """Wait for the steps since the last call and return the unweighted losses of each.

        Raises:
            DivergedError: A loss or its gradient was NaN or infinite.
        """
        unread, self._unread = self._unread, []
        read = []
        for figures in unread:
            losses = figures.read(is_scaled=self.scaler.is_enabled())
            if losses is None:
                raise self._diverged(figures.step)
            read.append(losses)
        if self.scaler.is_enabled() and self.scaler.get_scale() < 1:  # halved again and again: scaling is not the cause
            raise self._diverged(self.progress.step - 1)
        return read

    def _update(self, losses: Mapping[str, Tensor]) -> Update:
        """Let the optimizers use the gradients, if these and the losses that they come from are numbers."""
        for optimizer in self.optimizers:
            self.scaler.unscale_(optimizer)
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.config.optimizer.grad_clip)
        update = Update.of(losses, norm)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.learning_rate()
            optimizer.found_inf = update.is_skipped
            optimizer.step()
        self.scaler.update()
        self.averaged.update_parameters(self.model)
        return update

    def _loss_scale(self) -> Tensor | None:
        """Return by what losses are multiplied, so that no gradient vanishes in float16; None in other formats."""
        if not self.scaler.is_enabled():
            return None
        return self.scaler.scale(torch.ones((), device=self.device))

    @property
    def _learns_detail(self) -> bool:
        return self._detail is not None and self.progress.detail_step is None

    @property
    def _is_detail_over(self) -> bool:
        return self._learns_detail and self.progress.share >= DETAIL_SHARE

    def _detail_gradients(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Sample a batch of crops and compute its gradients, which the parameters of the detail filter then hold."""
        return self._detail.gradients(self.model, generator, self._loss_scale())

    def _finish_detail(self) -> None:
        """Freeze the detail filter with its averaged weights and replace the sources of all pairs."""
        averaged, stage = self.averaged.module, self._detail
        if averaged.is_crispened:
            stage.fit_crispness(averaged)
        training, explained = filter_pairs(averaged, self.training, stage.training)
        held_out, explained_held_out = filter_pairs(averaged, self.held_out, stage.held_out)
        stage.forget()
        averaged.detail_filter.explained.fill_(explained_held_out if len(held_out) else explained)
        self.model.detail_filter.load_state_dict(averaged.detail_filter.state_dict())
        self.progress.detail_step = self.progress.step
        self.take_sources(*((training, held_out) if self.model.has_detail else self._unfiltered))

    def take_sources(self, training: PairDataset, held_out: PairDataset) -> None:
        """Replace the sources of the pairs, for instance by filtered ones.

        Args:
            training: The same pairs to learn from, with the new sources.
            held_out: Those for previews, likewise.
        """
        self.training, self.held_out = training, held_out
        self._resident = training.resident(self.device)
        self._previewer = self._previewer.over(Registered(training, held_out, self.chance_shift))

    def take_grain(self, grain: Grain) -> None:
        """Have edits get grain, which M and the detail filter are not to make up for by being crisp."""
        for model in (self.model, self.averaged.module):
            if model.film_grain is not None:
                model.film_grain.fill(grain)

    def take_mapped(self, training: PairDataset, held_out: PairDataset) -> None:
        """Replace the sources by color-mapped ones, for a map whose gains depend on the place in the picture.

        Done before training, because the model does not know where pixels of an augmented square lay in the picture.

        Args:
            training: The same pairs to learn from, with the mapped sources.
            held_out: Those for previews, likewise.
        """
        self._unfiltered = training, held_out
        self.take_sources(training, held_out)

    def _pair_gradients(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Sample a batch of groups of pairs and compute its gradients, which the parameters of M then hold."""
        config = self.config
        batch = self._resident.sample(
            batch_size=config.optimizer.batch_size,
            group_size=config.group_size,
            config=config.augment.with_less_color(self._explained()),
            generator=generator,
            device=self.device,
            nearest=self._similarity.nearest if self._similarity else None,
        )

        t = sent(torch.randint(self.model.num_timesteps, (len(batch.x_j),), generator=generator), self.device)
        num_steps = self.progress.step - (self.progress.detail_step or 0)
        step = StepBatch.whole(batch, t, generator, self._loss_scale(), num_steps)
        own = step if self._ranks is None else self._ranks.share(self.model, step)
        losses = self._step_batch.fit(partial(pair_gradients, self.model, own), on_smaller=self._tell_smaller)
        if self._ranks is not None:
            losses = self._ranks.add_up(self.model, losses)
        return losses

    def _explained(self) -> float | None:
        """Return the share of the effect that the color map and the detail filter explain, and M need not learn."""
        return self.model.detail_filter.explained.item() if self.model.has_detail else self.model.explained

    @property
    def pictures_at_once(self) -> int:
        """How many pictures of a step go through the network at once: all of them, unless memory did not suffice."""
        return min(self._step_batch.size, self.config.optimizer.batch_size)

    def _diverged(self, step: int) -> DivergedError:
        return DivergedError(
            step,
            f"The loss stopped being a number at step {step:,}. Start again with another seed, and look "
            "for pairs that are unlike the others.",
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
        return RollbackPoint(self.progress.step, (self.model, self.averaged, *self.optimizers, self.scaler))

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
        progress.step = good.step
        self._adjust(
            f"The loss stopped being a number at step {error.step:,}. Training went back to step {good.step:,} and "
            f"goes on with {progress.rate_factor:g} of the learning rate."
        )

    def learning_rate(self) -> float:
        """Return the rate of the next step: warm-up by steps, then a half cosine, for each stage anew."""
        settings, progress = self.config.optimizer, self.progress
        begun = max(progress.segment_step, progress.detail_step or 0)
        warmup = min((progress.step - begun + 1) / settings.warmup_steps, 1.0)
        if self._learns_detail:
            share = min(progress.share / DETAIL_SHARE, 1.0)
        else:
            share = (progress.share - progress.detail_share) / max(1 - progress.detail_share, 1e-6)
        decay = 0.5 * (1 + math.cos(math.pi * share))
        return settings.learning_rate * progress.rate_factor * warmup * max(decay, 0.01)

    def preview(self) -> Preview:
        """Measure the crispness and edit the held-out pairs, see `Previewer.preview`."""
        progress = self.progress
        when = {"step": progress.step, "seconds": progress.seconds}
        with computing_with(self._threads.best):
            if self._learns_detail and progress.step:
                if self.averaged.module.is_crispened:
                    self._detail.fit_crispness(self.averaged.module)
                return self._previewer.filtered(self._detail.shown, is_base=not progress.is_m_trained, **when)
            return self._previewer.preview(is_base=not progress.is_m_trained, **when)
