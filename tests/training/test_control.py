import threading

import pytest

from editor.training.control import Control


@pytest.mark.parametrize("end", ["resume", "stop"])
def test_a_pause_holds_until_somebody_ends_it(end):
    control = Control()
    control.pause()
    assert control.should_pause()
    holding = threading.Thread(target=control.wait)
    holding.start()
    holding.join(0.1)
    assert holding.is_alive()
    getattr(control, end)()
    holding.join(10)
    assert not holding.is_alive()
    assert not control.should_pause()
    assert control.should_stop() == (end == "stop")


def test_nothing_brings_back_what_was_stopped():
    control = Control()
    control.stop()
    control.pause()
    control.resume()
    assert control.should_stop() and not control.should_pause()
    control.wait()  # returns


def test_requests_stay_until_they_are_done():
    control = Control()
    control.ask("save")
    control.ask("save")
    assert control.is_asked("save") and not control.is_asked("preview")
    control.done("save")
    control.done("save")
    assert not control.is_asked("save")
