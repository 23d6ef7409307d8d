"""What a training step gives a graphics card to do, counted on a machine without one.

Tensors on PyTorch's "meta" device, which have a shape and a dtype but no values, stand for those on a card. All but a
view is something to launch, and nobody can look at what is not there: whoever tries is told 1, and it is counted that
the host would have waited for the card.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.optim import optimizer as optimizer_module
from torch.overrides import TorchFunctionMode
from torch.utils import _foreach_utils
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import editor
from editor.config import Budget, RunConfig
from editor.data.dataset import PairDataset
from editor.training.registration import register
from editor.training.trainer import Trainer

CARD = torch.device("meta")
PACKAGE = Path(editor.__file__).parent
COPIES = ("aten::_to_copy", "aten::copy_")
FROM_VALUES = (torch.tensor, torch.as_tensor, Tensor.new_tensor)  # which copy, and wait until they have
SUPPORTED = (
    (optimizer_module, "_get_fused_kernels_supported_devices"),
    (_foreach_utils, "_get_foreach_kernels_supported_devices"),
)


class DeviceWork(TorchDispatchMode):
    """Counts what happens inside of it.

    Attributes:
        launches: How often the card is given each kind of operation.
        waits: How often the host waits for the card, by file and line of the package.
        num_bytes: How much is copied to the card.
    """

    def __init__(self) -> None:
        super().__init__()
        self.launches: Counter[str] = Counter()
        self.waits: Counter[str] = Counter()
        self.num_bytes = 0

    def __str__(self) -> str:
        """Return a few words, such as "1,281 operations, 128 KiB sent, no waits"."""
        waits = f"{self.waits.total()} waits at {', '.join(self.waits)}" if self.waits else "no waits"
        return f"{self.launches.total():,} operations, {self.num_bytes / 1024:,.0f} KiB sent, {waits}"

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Do an operation, and count it."""
        kwargs, name = kwargs or {}, func.name().split(".")[0]
        if name == "aten::_local_scalar_dense" and _is_on_card(args[0]):
            self.wait()
            return 1.0 if args[0].is_floating_point() else 1
        if name == "aten::_to_copy" and _is_on_card(args[0]) and kwargs.get("device", CARD) != CARD:
            self.wait()
            return torch.ones(args[0].shape, dtype=kwargs.get("dtype") or args[0].dtype)
        if name == "aten::copy_":
            target, source, is_quick = args[0], args[1], bool(kwargs.get("non_blocking") or args[2:])
        else:
            target, source, is_quick = None, args[0] if args else None, bool(kwargs.get("non_blocking"))
        result = func(*args, **kwargs)
        if name in COPIES and _is_on_card(result if target is None else target) and not _is_on_card(source):
            self.num_bytes += source.nbytes
            self.waits.update(() if is_quick else [_place()])
        is_view = name == "aten::_unsafe_view" or any(
            item.alias_info is not None and not item.alias_info.is_write for item in func._schema.arguments
        )
        if not is_view and any(map(_is_on_card, tree_leaves((result, args, kwargs)))):
            self.launches[name] += 1
        return result

    def wait(self) -> None:
        """Count a wait."""
        self.waits[_place()] += 1


class _Factories(TorchFunctionMode):
    """Counts tensors that are made from numbers of the host: the dispatcher does not see their copy."""

    def __init__(self, work: DeviceWork) -> None:
        super().__init__()
        self._work = work

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in FROM_VALUES and _is_on_card(result):
            self._work.wait()
        return result


@contextmanager
def counted() -> Iterator[DeviceWork]:
    """Count all that happens in this context."""
    with DeviceWork() as work, _Factories(work):
        yield work


@contextmanager
def card_like() -> Iterator[None]:
    """Let PyTorch do many tensors at once on the device that stands for a card, as it does on one."""
    with ExitStack() as stack:
        for module, function in SUPPORTED:
            stack.enter_context(patch.object(module, function, lambda: [CARD.type, "cpu"]))
        yield


def trainer_on_noise(config: RunConfig, device: torch.device, num_pairs: int = 20) -> Trainer:
    """Return a trainer of pairs that show nothing, for time does not depend on that."""
    draws = torch.Generator().manual_seed(0)
    pixels = torch.randint(256, (num_pairs, 2, 3, config.image_size, config.image_size), generator=draws)
    pairs = PairDataset([f"{index}" for index in range(num_pairs)], pixels.to(torch.uint8))
    trainer = Trainer(config, register(pairs, pairs[:0], "off"), device)
    trainer.progress.begin(Budget(steps=1_000_000))
    return trainer


def of_a_step(config: RunConfig) -> DeviceWork:
    """Count one step of a training, not the first, which makes the optimizers' state."""
    with card_like():
        trainer = trainer_on_noise(config, CARD)
        with counted():
            trainer.training_step()
        with counted() as work:
            trainer.training_step()
    return work


def _is_on_card(item: Any) -> bool:
    return isinstance(item, Tensor) and item.device == CARD


def _place() -> str:
    """Return the line of the package that is being executed, such as "training/trainer.py:12"."""
    frames = [frame for frame in traceback.extract_stack() if PACKAGE in Path(frame.filename).parents]
    return f"{Path(frames[-1].filename).relative_to(PACKAGE)}:{frames[-1].lineno}" if frames else "elsewhere"
