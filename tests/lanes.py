"""How two workers share the tests, see `python -m tests`."""

from pytest import Config
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

PLAIN = ("first_launch", "fit", "looks", "pairs", "promises", "public", "scripts", "train", "whole_path")

# What one worker runs after the other, because it shares a browser and a server: as many as there are workers, of about
# equal length, for each browser takes a core. They begin first, for they take longest; every other file is a lane too.
LANES = {
    "browser": (*(f"tests/browser/test_{name}.py" for name in PLAIN), "tests/faults/test_soak.py"),
    "server": tuple(f"tests/faults/test_{name}.py" for name in ("requests", "server", "start", "visitors")),
    "browser with trained runs": ("tests/browser/",),  # all others
}


def lane_of(test: str) -> str:
    """Return the lane of a test, which is named as pytest does."""
    return next((lane for lane, places in LANES.items() if test.startswith(places)), test.partition("::")[0])


def rank(test: str) -> int:
    """Return a number that is the lower the earlier its lane begins."""
    return [*LANES, lane_of(test)].index(lane_of(test))


class LaneScheduling(LoadScopeScheduling):
    """Gives a worker one lane after the other."""

    def __init__(self, config: Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order is that of `rank`

    def _split_scope(self, nodeid: str) -> str:
        return lane_of(nodeid)
