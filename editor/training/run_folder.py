"""One run on disk. It is self-contained: at test time the paper still needs reference pairs, so they are kept here.

```
RUN/config.json                  RunConfig
RUN/run.json                     {"format": 1, "effect": ..., "created": ...}
RUN/pairs/                       a PairStore: the pairs at the model's size, the held-out ones marked
RUN/events.jsonl                 what happened, one event a line
RUN/weights.safetensors          averaged weights, rewritten at every preview; what editing loads
RUN/training_state.safetensors   all that continuing needs
RUN/previews/0000120/NAME.png    y_j_hat of a previewed pair after 120 steps
```
"""

from __future__ import annotations

import json
import shutil
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from editor.config import RunConfig
from editor.errors import UserError
from editor.files import parse_time, read_json
from editor.images import fit_to_square, load_image, replace_file
from editor.pairs.store import PairStore

FORMAT = 1


class RunError(UserError):
    """A run that cannot be made or read. The message is for a person."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths and settings of one run; see the module's docstring for the layout."""

    path: Path
    config: RunConfig
    effect: str
    created: datetime

    @classmethod
    def create(cls, path: Path, *, config: RunConfig, store: PairStore, effect: str) -> RunFolder:
        """Make a new run and copy the pairs into it, fitted to the model's size.

        Raises:
            RunError: There is something at `path` already.
            PairError, ImageError: The pairs are not enough to train on, or one cannot be read. Nothing is left behind.
        """
        store.require()
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise RunError(f"{path} is there already. Choose another folder for the run, or remove this one.")
        beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")  # becomes `path` only when it is whole
        try:
            copy = PairStore(beside / "pairs")
            held_out = []
            for pair in store.pairs():
                source, target = (
                    fit_to_square(load_image(file), config.image_size)[0] for file in (pair.source, pair.target)
                )
                name = copy.add(pair.name, source, target)
                if pair.is_held_out:
                    held_out.append(name)
            copy.set_held_out(held_out)
            created = datetime.now(timezone.utc).isoformat(timespec="seconds")
            replace_file(beside / "config.json", _json(config.to_dict()))
            replace_file(beside / "run.json", _json({"format": FORMAT, "effect": effect, "created": created}))
            if path.exists():
                path.rmdir()  # it is empty
            beside.rename(path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Read a run.

        Raises:
            RunError: There is no run at `path`, or it was written by another version.
        """
        try:
            about, values = read_json(path / "run.json"), read_json(path / "config.json")
            if not isinstance(about, dict) or about.get("format") != FORMAT:
                raise RunError(f"The run {path.name} was written by another version of Pairbrush. Update it.")
            return cls(
                path=path,
                config=RunConfig.from_dict(values),
                effect=str(about["effect"]),
                created=parse_time(about["created"]),
            )
        except (FileNotFoundError, NotADirectoryError) as error:
            raise RunError(f"There is no run in {path}. Train one first, or give another folder.") from error
        except RunError:
            raise
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunError(f"The run in {path} cannot be read: {error}") from error

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.path.name

    @property
    def store(self) -> PairStore:
        """The run's own copy of its pairs."""
        return PairStore(self.path / "pairs")

    @property
    def events_path(self) -> Path:
        """Where the events are, one line of JSON each."""
        return self.path / "events.jsonl"

    @property
    def weights_path(self) -> Path:
        """Where the averaged weights are."""
        return self.path / "weights.safetensors"

    @property
    def state_path(self) -> Path:
        """Where all that continuing needs is."""
        return self.path / "training_state.safetensors"

    @property
    def has_weights(self) -> bool:
        """Whether there is something to edit with yet."""
        return self.weights_path.is_file()

    def preview_path(self, step: int, name: str) -> Path:
        """Return where the prediction for the pair `name` after `step` steps is kept."""
        return self.path / "previews" / f"{step:07d}" / f"{name}.png"


def _json(values: object) -> bytes:
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()
