from types import SimpleNamespace

import torch

from editor.models.sampling import noise_levels, sample


class Recorder:
    """Answers with 0.1 more than x_j and remembers what it was shown."""

    num_timesteps = 1000

    def __init__(self, num_copied_from=0):
        self.num_copied_from = num_copied_from
        self.calls = []

    def __call__(self, **inputs):
        self.calls.append(inputs)
        return SimpleNamespace(y_j_hat=inputs["x_j"] + 0.1)


def test_levels_fall_from_the_noisiest():
    model = Recorder()
    assert noise_levels(model, 1) == [999]
    levels = noise_levels(model, 4)
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == 999
    assert min(levels) >= 0


def test_after_the_first_call_the_answer_is_its_own_reference():
    model = Recorder()
    x_i, y_i = torch.rand(2, 2, 1, 3, 8, 8)
    x_j = torch.rand(2, 3, 8, 8)
    sample(model, x_i=x_i, y_i=y_i, x_j=x_j, num_steps=2)
    first, second = model.calls
    assert torch.equal(first["x_i"], x_i) and torch.equal(first["y_i"], y_i)
    assert torch.equal(second["x_i"][:, 0], x_j)
    torch.testing.assert_close(second["y_i"][:, 0], (x_j + 0.1).clamp(-1, 1))


def test_what_is_copied_from_stays_among_the_references():
    model = Recorder(num_copied_from=1)
    x_i, y_i = torch.rand(2, 2, 1, 3, 8, 8)
    x_j = torch.rand(2, 3, 8, 8)
    sample(model, x_i=x_i, y_i=y_i, x_j=x_j, num_steps=3)
    for call in model.calls:
        assert torch.equal(call["x_i"][:, 0], x_i[:, 0]) and torch.equal(call["y_i"][:, 0], y_i[:, 0])
    assert [call["x_i"].shape[1] for call in model.calls] == [1, 2, 2]
