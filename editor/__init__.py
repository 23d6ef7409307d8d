"""Pairbrush: train your own image editor from about twenty before/after pairs (arXiv 2405.12490)."""

from editor.config import PRESETS, Budget, RunConfig
from editor.editing.editor import Editor, EditResult
from editor.pairs.store import PairStore
from editor.training.run_folder import RunFolder
from editor.training.trainer import Trainer

__all__ = ["PRESETS", "Budget", "EditResult", "Editor", "PairStore", "RunConfig", "RunFolder", "Trainer"]
