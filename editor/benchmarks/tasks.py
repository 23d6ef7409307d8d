"""A task of the benchmark: a folder of training pairs and test pairs.

TASK/train/{source,target}/NNNN.png
TASK/test/{source,target}/NNNN.png
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from editor.data.dataset import PairDataset
from editor.pairs.errors import PairError
from editor.pairs.store import PairStore


@dataclass(frozen=True)
class Task:
    """One effect to learn.

    Attributes:
        directory: Folder that holds `train` and `test`.
    """

    directory: Path

    @property
    def name(self) -> str:
        """Name of the task: that of its folder."""
        return self.directory.resolve().name

    def check(self) -> None:
        """Make sure that there are training pairs and test pairs.

        Raises:
            PairError: Says which folder or picture is missing.
        """
        for store in self._stores():
            store.require(minimum=0)
            if not store.pairs():
                raise PairError(
                    f"There are no pairs in {store.directory}. A task needs some to train and some to test."
                )

    def training(self, shots: int, size: int) -> PairDataset:
        """Return the first `shots` training pairs by name, or all if there are fewer; none is held out."""
        return PairDataset.load(self._stores()[0].pairs()[:shots], size)

    def test(self, size: int) -> PairDataset:
        """Return all test pairs. They are never trained on."""
        return PairDataset.load(self._stores()[1].pairs(), size)

    def _stores(self) -> tuple[PairStore, PairStore]:
        return PairStore(self.directory / "train"), PairStore(self.directory / "test")
