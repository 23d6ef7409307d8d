"""Where a training stands."""

from __future__ import annotations

from dataclasses import dataclass

from editor.config import Budget


@dataclass(kw_only=True)
class Progress:
    """Where a run stands. A segment is one press of Start or Continue: its budget shapes the learning rate."""

    step: int = 0
    seconds: float = 0.0  # of training, over all segments
    segment_step: int = 0  # `step` when the segment began
    segment_seconds: float = 0.0  # `seconds` when the segment began
    rate_factor: float = 1.0  # of the learning rate; below 1 after a rollback
    detail_step: int | None = None  # `step` when the segment's part for the detail filter ended and M's turn began
    detail_share: float = 0.0  # of the segment's budget, which the detail filter took
    is_m_trained: bool = False
    budget: Budget | None = None

    def begin(self, budget: Budget) -> None:
        """Open a new segment here."""
        self.segment_step, self.segment_seconds, self.budget = self.step, self.seconds, budget
        self.detail_step, self.detail_share = None, 0.0

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
