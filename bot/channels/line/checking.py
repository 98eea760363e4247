"""Whether an account of ours works: whose its token is, where its webhooks go, and whether they arrive there."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from linebot.v3.messaging import MessagingApi, TestWebhookEndpointRequest
from linebot.v3.messaging.exceptions import ApiException
from pydantic.v1 import ValidationError

from bot.channels.calling import broken_off
from bot.channels.line import failures
from bot.channels.line.speaking import NO_ANSWER, NOT_FOUND, PROFILE_TIMEOUT, TIMEOUT
from bot.errors import SendError, UnknownOutcome
from bot.messages import printable
from bot.ports import Checkup

Answer = TypeVar("Answer")


def identify(api: MessagingApi) -> Checkup:
    """Whose token it is, which only LINE knows."""
    found = _asked(lambda: api.get_bot_info(_request_timeout=TIMEOUT))
    return Checkup(found.user_id, printable(found.display_name), found.basic_id)


def answers(api: MessagingApi) -> bool:
    """Whether LINE says anything but that it is away; in which words does not matter."""
    try:
        api.get_bot_info(_request_timeout=PROFILE_TIMEOUT)
    except ApiException as error:
        means = failures.refusal(int(error.status or 0), str(error.body or ""), "push", {})
        return not isinstance(means, UnknownOutcome)
    except ValidationError:
        return True
    except NO_ANSWER:
        return False
    return True


def check_up(api: MessagingApi) -> Checkup:
    """Have LINE call our webhook: that it arrives proves address, signature and secret at once."""
    known = identify(api)
    try:
        where = _asked(lambda: api.get_webhook_endpoint(_request_timeout=TIMEOUT))
    except SendError as refused:
        if refused.status == NOT_FOUND:  # none is set
            return known
        raise
    test = TestWebhookEndpointRequest(endpoint=where.endpoint)
    tried = _asked(lambda: api.test_webhook_endpoint(test, _request_timeout=TIMEOUT))
    why = "" if tried.success else f"{tried.status_code} {printable(tried.reason)}"
    return replace(known, webhook=where.endpoint, active=where.active, arrives=tried.success, why=why)


def _asked(call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except ApiException as error:
        raise failures.refusal(int(error.status or 0), str(error.body or ""), "push", error.headers or {}) from error
    except ValidationError as error:
        raise UnknownOutcome("LINE answered in a way that the SDK does not know") from error
    except NO_ANSWER as error:
        raise broken_off("LINE", error) from error
