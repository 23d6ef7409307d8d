import torch

from editor.benchmarks.scoring import mean_figures, score
from editor.metrics.judges import Judges


def test_st_lpips_is_measured_between_edit_and_truth_where_it_is_installed():
    x, y_hat, y = torch.rand(3, 2, 3, 32, 32) * 2 - 1
    asked = []

    def measure(edit, target):
        asked.append((edit, target))
        return 0.25

    figures = score(x=x, y_hat=y_hat, y=y, judges=Judges(st_lpips=measure))
    assert figures.st_lpips == 0.25 and asked == [(y_hat, y)]
    without = score(x=x, y_hat=y_hat, y=y)
    assert without.st_lpips is None
    assert mean_figures([figures, figures]).st_lpips == 0.25
    assert mean_figures([figures, without]).st_lpips is None
