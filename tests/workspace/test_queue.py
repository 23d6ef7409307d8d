import threading
import time

import pytest

from editor.workspace import WorkspaceError
from editor.workspace import queue as turns_module
from editor.workspace.queue import Ticket, TrainingQueue
from tests.waiting import wait_until


class Job:
    """A training that lasts until the test ends it."""

    def __init__(self, seconds=60.0):
        self.begun, self.over, self.stopped = threading.Event(), threading.Event(), threading.Event()
        self.ticket = Ticket(seconds, self.begun.set, self.over.is_set, self._stop)

    def _stop(self):
        self.stopped.set()
        self.over.set()


@pytest.fixture
def queue(monkeypatch):
    monkeypatch.setattr(turns_module, "POLL_SECONDS", 0.01)
    queue = TrainingQueue(max_waiting=3)
    yield queue
    queue.close()


def ask(queue, count, **options):
    jobs = [Job(**options) for _ in range(count)]
    for job in jobs:
        queue.join(job.ticket)
    assert jobs[0].begun.wait(60)
    return jobs


def test_one_after_the_other_in_the_order_of_asking(queue):
    jobs = ask(queue, 3)
    for job, others in zip(jobs, (jobs[1:], jobs[2:], [])):
        assert job.begun.wait(60)
        assert queue.position(job.ticket) is None
        time.sleep(0.05)
        assert not any(other.begun.is_set() for other in others)
        job.over.set()


def test_a_place_tells_how_many_are_ahead_and_how_long_they_take(queue):
    jobs = ask(queue, 4, seconds=120)
    assert [queue.position(job.ticket).position for job in jobs[1:]] == [1, 2, 3]
    assert [queue.position(job.ticket).seconds for job in jobs[1:]] == pytest.approx([120, 240, 360], abs=50)


def test_who_leaves_is_never_begun_and_the_others_move_up(queue):
    first, second, third = ask(queue, 3)
    assert queue.leave(second.ticket)
    assert not queue.leave(second.ticket)
    assert queue.position(third.ticket).position == 1
    assert not queue.leave(first.ticket)  # it has begun, so it must be stopped
    first.over.set()
    assert third.begun.wait(60) and not second.begun.is_set()


def test_the_queue_is_not_endless(queue):
    ask(queue, 4)
    with pytest.raises(WorkspaceError, match="Too many trainings"):
        queue.join(Job().ticket)


def test_who_takes_too_long_is_stopped(queue, monkeypatch):
    monkeypatch.setattr(turns_module, "GRACE_SECONDS", 0.1)
    slow, next_one = ask(queue, 2, seconds=0.1)
    assert slow.stopped.wait(60)
    assert next_one.begun.wait(60)


def test_one_that_cannot_begin_does_not_hold_up_the_others(queue, caplog):
    def fail():
        raise OSError("no such run")

    queue.join(Ticket(60, fail, lambda: False, lambda: None))
    ask(queue, 1)
    assert "could not be begun" in caplog.text


def test_owners_take_turns_and_one_who_comes_later_waits_for_one_turn_only(queue):
    """Of the two who wait with many, each begins one after the other; positions never go up while nobody comes."""
    jobs = {name: Job() for name in ("a1", "a2", "a3", "b1", "b2", "c1")}
    for name, job in jobs.items():
        job.ticket.owner, job.ticket.run = name[0], name
        if name == "b1":
            assert jobs["a1"].begun.wait(60)
        queue.join(job.ticket, is_kept=True)
    order, places = [], {name: 9 for name in jobs}
    while len(order) < 6:
        (name,) = [name for name, job in jobs.items() if job.begun.is_set() and not job.over.is_set()]
        order.append(name)
        for other, job in jobs.items():
            place = queue.position(job.ticket)
            if place is not None:
                assert place.position <= places[other]
                places[other] = place.position
        later = [job for other, job in jobs.items() if other not in order]
        jobs[name].over.set()
        assert not later or any_of(later)
    assert order == ["a1", "b1", "c1", "a2", "b2", "a3"]


def any_of(jobs):
    """Wait until one of the jobs has begun."""
    wait_until(lambda: any(job.begun.is_set() for job in jobs))
    return True


def test_one_that_holds_makes_way_only_for_another(queue):
    (first,) = ask(queue, 1)
    first.ticket.is_held = lambda: True
    time.sleep(0.05)
    assert not first.stopped.is_set()
    second = Job()
    queue.join(second.ticket)
    assert second.begun.wait(60) and first.stopped.is_set()
