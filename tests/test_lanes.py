from pathlib import Path

from tests.lanes import LANES, lane_of, rank

ROOT = Path(__file__).parents[1]


def test_those_who_share_a_browser_or_a_server_stay_together():
    assert lane_of("tests/browser/test_pairs.py::test_a[chromium]") == lane_of("tests/faults/test_soak.py::test_b")
    assert lane_of("tests/browser/test_edit.py::test_a[chromium]") == "browser"
    assert lane_of("tests/faults/test_server.py::test_a[::1]") == "server"
    assert lane_of("tests/test_config.py::test_a[x::y]") == "tests/test_config.py"


def test_what_takes_longest_begins():
    tests = ["tests/a.py::test_a", "tests/faults/test_server.py::test_b", "tests/browser/test_pairs.py::test_c"]
    assert sorted(tests, key=rank) == tests[::-1]


def test_every_place_is_there():
    paths = [path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py")]
    assert all(any(path.startswith(place) for path in paths) for places in LANES.values() for place in places)
