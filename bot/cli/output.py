"""What `frontline run` prints: its programs' lines, each with the program's name, and the welcome."""

import sys
import threading
import unicodedata
from collections.abc import Iterable

from bot.cli.root import SignIn
from bot.cli.topology import address
from bot.settings import Settings

_one_line_at_a_time = threading.Lock()


def say(program: str, line: str) -> None:
    """Print one line of a program. A reader who went away (`make run | head`) must not block the program."""
    with _one_line_at_a_time:
        try:
            sys.stdout.write(f"{program:<10} | {line}\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            return  # the pipe or the terminal is gone: nobody is left to read


def welcome(settings: Settings, sign_ins: Iterable[SignIn]) -> str:
    """Where to go and whom to be, in both languages."""
    here = f"http://{address(settings)}:{settings.port}"
    pages = [
        ("開始 Start", f"{here}/"),
        ("客服台 Console", f"{here}/console"),
    ]
    if settings.demo:
        pages.insert(1, ("模擬手機 Simulator", f"{here}/simulator"))
    rows = [_columns(name, where) for name, where in pages]
    if settings.demo:
        rows += ["", "  示範帳號 Demo sign-ins"]
        rows += [_columns(who.role, who.name, who.password) for who in sign_ins]
    closing = "  Ctrl-C 停止全部 stops everything"
    return "\n".join(["", "Frontline 已就緒 is ready", "", *rows, "", closing, ""])


def _columns(*cells: str) -> str:
    """Cells under each other; a Chinese character takes two places on a terminal."""
    wide = [sum(unicodedata.east_asian_width(sign) in "WF" for sign in cell) for cell in cells]
    return "  " + "".join(cell.ljust(24 - extra) for cell, extra in zip(cells, wide, strict=True)).rstrip()
