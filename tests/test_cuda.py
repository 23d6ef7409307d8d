"""What only a graphics processor can show. Skipped where there is none."""

from dataclasses import replace

import pytest
import torch

from editor.benchmarks.pix2pix import Pix2Pix, improved
from editor.config import PRESETS, Budget
from editor.data.augment import augment
from editor.data.dataset import PairDataset
from editor.editing.editor import Editor
from editor.image_files import load_image
from editor.images import to_tensor
from editor.metrics.psnr import psnr
from editor.training.checkpoint import load_training_state, save_training_state
from editor.training.events import Adjusted, CheckpointDue, Failed, Finished
from editor.training.forecast import forecast
from editor.training.history import read_history
from editor.training.optimizers import orthogonalize
from editor.training.recording import record
from editor.training.registration import Registered
from editor.training.trainer import Trainer

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
CUDA = torch.device("cuda")


def noise_pairs(size: int, count: int = 4) -> PairDataset:
    images = torch.rand(count, 2, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return PairDataset.of(tuple(map(str, range(count))), images)


def trainer_on_noise(config, size: int) -> Trainer:
    pairs = noise_pairs(size)
    trainer = Trainer(config, Registered(pairs, pairs[:0], None), CUDA)
    trainer.progress.begin(Budget(steps=1000))
    return trainer


@pytest.fixture
def free_memory():
    """Whatever a test does to the memory that this process may take ends with it."""
    torch.cuda.empty_cache()
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


def test_a_run_learns_there_and_edits_anywhere(fresh_run):
    for event in record(fresh_run, device=CUDA, budget=Budget(steps=200)):
        assert not isinstance(event, Failed), event
    history = read_history(fresh_run)
    assert history.state == "finished" and history.device.startswith("NVIDIA")
    assert history.previews[-1].psnr > history.unedited_psnr + 4
    here, there = (Editor.load(fresh_run.path, device) for device in (CUDA, "cpu"))
    image = load_image(fresh_run.store.held_out()[0].source)
    edits = [to_tensor(editor.edit(image).image)[None] for editor in (here, there)]
    assert psnr(*edits) > 35  # precision differs, the noise does not


def test_state_comes_back_from_disk_as_it_was(tmp_path, tiny_config):
    trainer, other = (trainer_on_noise(tiny_config, 32) for _ in range(2))
    for _ in range(3):
        trainer.training_step()
    save_training_state(tmp_path / "state.safetensors", trainer)
    load_training_state(tmp_path / "state.safetensors", other)
    for ours, theirs in zip(trainer.averaged.state_dict().values(), other.averaged.state_dict().values()):
        assert ours.device == theirs.device and torch.equal(ours, theirs)
    assert all(weight.device.type == "cuda" for weight in other.averaged.parameters())
    for mine, loaded in zip(trainer.optimizers, other.optimizers):
        for ours, theirs in zip(mine.param_groups[0]["params"], loaded.param_groups[0]["params"]):
            for name, value in mine.state[ours].items():
                assert torch.equal(value, loaded.state[theirs][name])
    for each in (trainer, other):
        each.training_step()
    losses = [each.read_losses()[-1] for each in (trainer, other)]
    assert losses[0] == pytest.approx(losses[1], rel=0.02, abs=1e-4)  # its sums go in any order


def test_augmentation_draws_the_same_there():
    pairs, config = noise_pairs(32).images, PRESETS["draft"].augment
    here = augment(pairs.to(CUDA), config, torch.Generator().manual_seed(1))
    there = augment(pairs, config, torch.Generator().manual_seed(1))
    assert here.device.type == "cuda"
    assert (here.cpu() - there).abs().mean() < 1e-3


def test_orthogonal_updates_are_the_same_there():
    matrices = torch.randn(3, 24, 64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        orthogonalize(matrices.to(CUDA)).float().cpu(), orthogonalize(matrices).float(), rtol=0.1, atol=0.02
    )


def test_real_lack_of_memory_takes_smaller_parts(free_memory):
    """The card itself refuses, and the same batch is learned from in parts."""
    small, large = (
        replace(PRESETS["draft"], optimizer=replace(PRESETS["draft"].optimizer, batch_size=size)) for size in (8, 128)
    )
    trainer = trainer_on_noise(small, 128)
    trainer.training_step()
    enough = torch.cuda.max_memory_reserved()
    del trainer
    torch.cuda.empty_cache()
    trainer = trainer_on_noise(large, 128)
    torch.cuda.set_per_process_memory_fraction(2.5 * enough / torch.cuda.get_device_properties(CUDA).total_memory)
    events = list(trainer.run(Budget(steps=2)))
    adjusted = [event for event in events if isinstance(event, Adjusted)]
    assert adjusted and "pass " in adjusted[-1].message
    assert isinstance(events[-1], Finished) and events[-1].step == 2
    assert any(isinstance(event, CheckpointDue) for event in events)


def test_no_memory_at_all_is_a_sentence(fresh_run, free_memory):
    total = torch.cuda.get_device_properties(CUDA).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 2**22) / total)
    *_, last = record(fresh_run, device=CUDA, budget=Budget(steps=2))
    assert isinstance(last, Failed) and "not enough memory" in last.message


def test_forecast_knows_what_it_will_take(tiny_config):
    found = forecast(tiny_config, CUDA, seconds=0.5)
    assert found.fitting_batch_size == found.batch_size and found.seconds_per_step < 5
    assert 0 < found.peak_memory_mib < found.room_mib


def test_the_rival_learns_there():
    rival = Pix2Pix(improved(32), noise_pairs(32), budget=Budget(steps=20), seed=0, device=CUDA)
    first, *_, last = (rival.training_step(0.0) for _ in range(20))
    assert last.l1 < first.l1
    assert rival.edit(noise_pairs(32).x).shape == (4, 3, 32, 32)
