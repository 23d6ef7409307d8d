"""What a visitor of a public app may do. Whoever opens the app for others changes it here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PublicLimits:
    """Limits of one visitor, and of all of them together."""

    pairs: int = 60  # of one effect
    effects: int = 10
    runs: int = 5
    megabytes: int = 1000  # all files of a visitor; one draft run takes about 170
    minutes: float = 10.0  # of training for one press of Start or Continue
    hours: float = 24.0  # without a visit, after which everything of the visitor is deleted
    waiting: int = 20  # trainings in the queue
    queued: int = 3  # of them, of one visitor
    pages: int = 16  # open ones; the state of others is forgotten
    loaded: int = 24  # visitors in memory
    visitors: int = 1000  # on disk
    clip_frames: int = 600  # of a video clip; 20 s of most
    clip_pixels: int = 1920 * 1080  # of each of its frames
    clip_megabytes: int = 60
