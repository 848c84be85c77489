import pytest
from unit.fakes import FakeTime


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


def test_a_deadline_ends_after_its_seconds(time: FakeTime) -> None:
    """The remaining time decreases with the clock and is never negative."""
    deadline = time.deadline(30)
    left = [deadline.remaining()]
    for seconds in (12, 18, 1):
        time.sleep(seconds)
        left.append(deadline.remaining())
    assert left == [30, 18, 0, 0]


def test_a_part_of_an_operation(time: FakeTime) -> None:
    """A part of an operation has its own deadline, and its requests wait for a third of it."""
    part = time.deadline(30).at_most(6)
    assert (part.remaining(), part.attempt_timeout()) == (6, 2)
    time.sleep(6)
    assert part.remaining() == 0


def test_a_part_never_outlasts_its_operation(time: FakeTime) -> None:
    """A part of an operation ends with the operation at the latest."""
    deadline = time.deadline(30)
    time.sleep(27)
    part = deadline.at_most(60)
    assert (part.remaining(), part.seconds) == (3, 30)


@pytest.mark.parametrize(
    ("passed", "timeout"), [(0, 10), (20, 10), (25, 5), (29.5, 0.5), (30, 0.001), (31, 0.001)]
)
def test_one_request_waits_for_a_third_of_the_time(passed: float, timeout: float, time: FakeTime) -> None:
    """A request waits for a third of the operation's time or for the rest of it, and never 0 seconds."""
    deadline = time.deadline(30)
    time.sleep(passed)
    assert deadline.attempt_timeout() == timeout
