"""The one source of time: aware UTC datetimes, replaceable in tests by time-machine."""

from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def after(seconds: float) -> datetime:
    """The time `seconds` from now, aware, in UTC."""
    return now() + timedelta(seconds=seconds)


def from_millis(millis: object) -> datetime | None:
    """A platform's epoch milliseconds as UTC; None where the value is no time a person could have meant."""
    if isinstance(millis, bool) or not isinstance(millis, int | float):
        return None
    try:
        return datetime.fromtimestamp(millis / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
