"""A task of the benchmark: training pairs and test pairs, each in a folder of their own.

TASK/train/{source,target}/NNNN.png
TASK/test/{source,target}/NNNN.png

Both folders may as well hold pairs in any other way that `pairs.importing.opening` understands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from editor.data.dataset import PairDataset
from editor.pairs.errors import PairError
from editor.pairs.store import PairStore


@dataclass(frozen=True)
class Task:
    """One effect to learn.

    Attributes:
        name: Name of the task: that of its folder.
        train_pairs: Pairs to learn from.
        test_pairs: Pairs to judge by. They are never trained on.
    """

    name: str
    train_pairs: PairStore
    test_pairs: PairStore

    def training(self, shots: int, size: int) -> PairDataset:
        """Return the first `shots` training pairs by name, or all if there are fewer; none is held out."""
        return PairDataset.load(self.train_pairs.pairs()[:shots], size)

    def test(self, size: int) -> PairDataset:
        """Return all test pairs."""
        return PairDataset.load(self.test_pairs.pairs(), size)


@contextmanager
def opened_task(directory: Path, opened: Callable[[Path], AbstractContextManager[PairStore]]) -> Iterator[Task]:
    """Open a task, as a context.

    Args:
        directory: Folder that holds `train` and `test`.
        opened: Opens the pairs of one folder, for instance `opened_pairs`.

    Raises:
        PairError: Says which folder or picture is missing.
    """
    folders = directory / "train", directory / "test"
    for folder in folders:
        if not folder.is_dir():
            raise PairError(
                f"There is no folder {folder}. A task is a folder with two others in it, train and test, each with "
                "pairs of its own."
            )
    with opened(folders[0]) as train, opened(folders[1]) as test:
        yield Task(directory.resolve().name, train, test)
