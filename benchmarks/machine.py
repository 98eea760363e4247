"""What a figure depends on beside the program: the machine, the versions, and who else is using it."""

import os
import platform
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text


def facts(engine: Engine | None = None) -> dict[str, Any]:
    """Written into every result; the load average tells whether the cores were ours."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "database": _version(engine) if engine else "",
        "load_average_before": load(),
    }


def load() -> float:
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "unknown")


def _version(engine: Engine) -> str:
    ask = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}[engine.dialect.name]
    with engine.connect() as connection:
        return f"{engine.dialect.name} {connection.scalar(text(ask))}"
