import pytest
import torch

from editor.editing.windows import CrossFade, Windows

SHAPES = [(32, 32), (32, 40), (48, 32), (32, 104), (256, 32)]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("step", [8, 16, 32])
def test_windows_cover_a_strip_and_count_as_one_everywhere(size, step):
    size = tuple(-(-length // step) * step for length in size)
    windows = Windows.over(size, step)
    assert windows.starts[0] == 0 and windows.starts[-1] == max(size) - windows.side
    assert len(windows) == (1 if size[0] == size[1] else len(set(windows.starts)))
    assert all(start % step == 0 for start in windows.starts)
    if step <= windows.side // 2:
        assert all(b - a <= windows.side // 2 for a, b in zip(windows.starts, windows.starts[1:]))
    total = torch.zeros(max(size))
    for start, weight in zip(windows.starts, windows.weights()):
        total[start : start + windows.side] += weight
    torch.testing.assert_close(total, torch.ones(max(size)))


def test_one_window_lies_in_the_middle():
    assert Windows.over((32, 48), 8).starts == (0, 8, 16)
    assert Windows.over((64, 32), 8).starts == (0, 16, 32)
    assert Windows.over((32, 32), 8).starts == (0,)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("at_once", [1, 2, 99])
def test_what_is_cut_and_faded_again_is_the_strip(size, at_once):
    strip = torch.randn(1, 3, *size)
    windows = Windows.over(size, 8)
    fade = CrossFade(windows, 3)
    for which in windows.parts(at_once):
        fade.add(which, windows.cut(strip, which))
    if len(windows) == 1:
        assert torch.equal(fade.strip, strip)
    torch.testing.assert_close(fade.strip, strip)


def test_what_windows_disagree_about_has_no_seam():
    windows = Windows.over((32, 96), 8)
    fade = CrossFade(windows, 1)
    which = range(len(windows))
    fade.add(which, torch.arange(len(windows)).view(-1, 1, 1, 1).expand(-1, 1, 32, 32).float())
    row = fade.strip[0, 0, 0]
    assert row[0] == 0 and row[-1] == len(windows) - 1
    assert row.diff().min() >= 0 and row.diff().max() < 0.3, "one gives way to the next over several pixels"
    assert torch.equal(fade.strip[0, 0], row.expand(32, -1))


def test_windows_of_a_strip_see_the_same_noise_where_they_overlap():
    windows = Windows.over((32, 64), 8)
    assert windows.starts == (0, 16, 32)

    def draws(windows, which):
        noise = windows.noise(which, seed=5)
        return noise((2 * len(which), 3, 8, 8)), noise((2 * len(which), 1, 16, 16))

    coarse, fine = draws(windows, range(3))
    first, second, last = coarse.unflatten(0, (3, 2))
    assert torch.equal(first[..., 4:], second[..., :-4])
    assert not torch.equal(first, last)
    assert torch.equal(coarse[4:], draws(windows, range(2, 3))[0]), "whatever else is asked at once"
    assert torch.equal(fine[4:], draws(windows, range(2, 3))[1])
    tall = draws(Windows.over((64, 32), 8), range(2))[0]
    assert torch.equal(tall[:2, :, 4:], tall[2:, :, :-4])
    whole = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(5))
    assert torch.equal(draws(Windows.over((32, 32), 8), range(1))[0], whole), "a square has the plain noise"
