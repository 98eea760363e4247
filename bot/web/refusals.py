"""What a page says of a password or a code that was not taken."""

from flask_babel import gettext

from bot.auth.attempts import Attempt
from bot.web.pages import services


def refusal(tried: Attempt) -> str:
    """How many tries are left, or until when none is taken."""
    if tried.blocked_until:
        until = tried.blocked_until.astimezone(services().settings.zone)
        return str(gettext("錯太多次，%(time)s 後再試。", time=f"{until:%H:%M}"))
    return str(gettext("不對。再錯 %(n)s 次，要等 15 分鐘才能再試。", n=tried.tries_left))
