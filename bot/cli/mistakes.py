"""What a wrong setting raises, as one line that names the setting and the mend. Addresses may hold passwords

and so may a driver's error text: neither is shown.
"""

import contextlib
from collections.abc import Iterator

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from bot.errors import ContentError, SettingsError
from bot.settings import Settings


@contextlib.contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """Leave with one line where preparing or wiring fails for what the operator can mend."""
    try:
        yield
    except (SettingsError, ContentError) as wrong:
        raise click.ClickException(str(wrong)) from wrong
    except OperationalError as error:
        raise click.ClickException(_database(settings, error)) from error
    except OSError as error:
        raise click.ClickException(
            f"The data folder {settings.data} cannot be used ({error.strerror or type(error).__name__}): "
            "make it writable, or choose another with FRONTLINE_DATA"
        ) from error


def check_address(settings: Settings) -> None:
    """DATABASE_URL can be read as an address."""
    try:
        make_url(settings.sqlalchemy_url)
    except (ArgumentError, ValueError) as error:
        raise click.ClickException(
            "DATABASE_URL is not a database address; write postgresql://user:password@host/name, or leave it out"
        ) from error


def _database(settings: Settings, error: OperationalError) -> str:
    if settings.sqlalchemy_url.startswith("sqlite"):
        return f"The SQLite database cannot be used ({error.orig}): look at FRONTLINE_DATA, {settings.data}"
    return "The database of DATABASE_URL does not answer or does not let us in: start it, or correct DATABASE_URL"
