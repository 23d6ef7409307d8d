import pytest
import torch

from editor.data.dataset import PairDataset
from editor.training.registration import register
from editor.training.trainer import Trainer


@pytest.fixture
def trainer(toy_store, tiny_config) -> Trainer:
    """A trainer that has not taken a step yet: seven pairs to learn from, one held out."""
    training, held_out = toy_store.training(), toy_store.held_out()
    pairs = register(PairDataset.load(training, 32), PairDataset.load(held_out, 32), "off")
    return Trainer(tiny_config, pairs, torch.device("cpu"))
