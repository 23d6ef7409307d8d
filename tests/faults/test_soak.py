"""The short form of `tests.soak`, which is to be run for an hour now and then."""

import sys

import pytest

from tests import soak
from tests.processes import start
from tests.soak import Limits, Sample

GOOD = Sample(0, 500.0, 20, 40, 5.0, 40.0, 0)


def samples(**slopes):
    """An hour that is flat but for what grows by so much each minute."""
    return [
        GOOD._replace(minutes=n, step=n, **{field: getattr(GOOD, field) + n * slope for field, slope in slopes.items()})
        for n in range(60)
    ]


@pytest.mark.parametrize("slopes", [{"memory_mib": 5}, {"threads": 1}, {"files": 1}, {"tick_ms": 20}, {"cache_mib": 9}])
def test_what_grows_is_found(slopes):
    assert not soak._broken(samples(), Limits())
    assert len(soak._broken(samples(**slopes), Limits())) == 1


def test_a_training_that_stands_still_is_found():
    assert soak._broken([GOOD, GOOD._replace(minutes=1)], Limits()) == ["The training stood still."]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_short_time_of_everything_at_once(tmp_path):
    # In a process of its own, since the browser of other tests leaves an event loop in this one.
    told = tmp_path / "soak.log"
    process = start("tests/soak.py", "--minutes", 0.2, output=told)
    process.join(600)
    process.kill()  # its server ends with it, else it would train for half an hour
    process.join()
    assert process.exitcode == 0, told.read_text()
