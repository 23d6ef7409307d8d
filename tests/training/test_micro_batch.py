import pytest
import torch

from editor.training.micro_batch import MicroBatch, noise_for_rows
from editor.training.setbacks import TrainingError


def test_rows_get_the_noise_that_they_have_in_the_whole_batch():
    generator = torch.Generator().manual_seed(3)
    whole = torch.randn(10, 4, 2, generator=torch.Generator().manual_seed(3))
    for rows in (slice(0, 2), slice(2, 5)):
        noise = noise_for_rows(generator, rows, batch_size=5, device=torch.device("cpu"))
        assert torch.equal(noise((2 * (rows.stop - rows.start), 4, 2)), whole[2 * rows.start : 2 * rows.stop])
        later = noise((rows.stop - rows.start, 1))
        assert not torch.equal(later, noise((rows.stop - rows.start, 1))), "every draw is a new one"
    assert torch.equal(torch.randn(10, 4, 2, generator=generator), whole), "the source itself is left where it was"


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError(), RuntimeError("CUDA error: out of memory")])
def test_the_size_is_halved_until_it_fits(error):
    batch, tried = MicroBatch(12, torch.device("cpu")), []

    def work(size):
        tried.append(size)
        if size > 3:
            raise error
        return "done"

    assert batch.fit(work) == batch.fit(work) == "done"
    assert tried == [12, 6, 3, 3]


def test_an_error_that_is_not_about_memory_passes_and_one_picture_must_fit():
    def work(size):
        raise error

    error = RuntimeError("shapes do not match")
    with pytest.raises(RuntimeError, match="shapes"):
        MicroBatch(2, torch.device("cpu")).fit(work)
    error = MemoryError()
    with pytest.raises(TrainingError, match="not enough memory"):
        MicroBatch(2, torch.device("cpu")).fit(work)
