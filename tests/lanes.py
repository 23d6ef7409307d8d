"""How the workers share the tests, see `python -m tests`."""

from pytest import Config
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What one worker runs after the other, because it shares a browser, a server or graphs of ONNX. Browsers begin first,
# for they take longest; they wait half of the time, so there are two lanes of them, each with an app of its own. Every
# other file is a lane of its own.
LANES = {
    "browser": tuple(f"tests/browser/test_{letter}" for letter in "aefik"),
    "browser, too": ("tests/browser/", "tests/faults/test_soak.py", "tests/sharing/test_onnx.py"),
    "server": tuple(f"tests/faults/test_{name}.py" for name in ("requests", "server", "start", "visitors")),
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
