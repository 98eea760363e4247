"""Structured logs: one JSON line an event, ids only; message text and personal data never reach them.

Lines of libraries too: of what is filled in only numbers are kept, since the rest may be an address with a token.
"""

import logging
import sys
import traceback
from pathlib import Path

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

FRAMES = 30
RENDER = structlog.processors.JSONRenderer(ensure_ascii=False)


def configure(process: str) -> None:
    """Set up the logs of this process; `process` stands in every line."""
    structlog.configure(
        processors=[*_processors(process), RENDER],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    _route_libraries(process)


def _route_libraries(process: str) -> None:
    """Through one handler of ours: a forked worker replaces its arbiter's, and Gunicorn loses its own."""
    root, gunicorn = logging.getLogger(), logging.getLogger("gunicorn.error")
    for inherited in [old for old in root.handlers if isinstance(old.formatter, ProcessorFormatter)]:
        root.removeHandler(inherited)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(process))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    gunicorn.handlers.clear()
    gunicorn.propagate = True


def _formatter(process: str) -> logging.Formatter:
    """Writes a library's line as ours are written."""
    return ProcessorFormatter(
        foreign_pre_chain=[*_processors(process), structlog.stdlib.add_logger_name, _numbers],
        processors=[ProcessorFormatter.remove_processors_meta, RENDER],
        use_get_message=False,
        pass_foreign_args=True,
    )


def _outline(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and frames; its text may quote a customer."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else given
    if error is True:
        error = sys.exception()
    if isinstance(error, BaseException):
        event.setdefault("error", type(error).__name__)
        event["frames"] = _frames(error)
    return event


def _numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Of a template's arguments the numbers: process ids, exit codes, sizes."""
    given = event.pop("positional_args", None)
    if numbers := [value for value in given or () if isinstance(value, int | float)]:
        event["numbers"] = numbers
    return event


def _frames(error: BaseException) -> list[str]:
    """The innermost calls, outermost first; no source lines, no values."""
    walked = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return [f"{_short(code.co_filename)}:{line} {code.co_name}" for code, line in walked[-FRAMES:]]


def _short(filename: str) -> str:
    return "/".join(Path(filename).parts[-3:])


def _processors(process: str) -> list[Processor]:
    def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Not a context variable: those are empty in the threads of a server."""
        event["process"] = process
        return event

    return [
        structlog.contextvars.merge_contextvars,
        stamp,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _outline,
    ]
