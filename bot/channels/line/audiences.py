"""LINE's audiences: named sets of users, whom a push of the official account may leave out. Nobody can be taken out
of one, so a new one takes its place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.channels.line import Line
from bot.errors import PermanentSendError, SendError

if TYPE_CHECKING:
    from linebot.v3.audience import ManageAudience

MOST = 10_000  # users in a call
TIMEOUT = (2.0, 6.0)
GONE = 404


@dataclass(frozen=True)
class LineAudiences:
    """`bot.ports.Audiences` over all our LINE accounts; `of` gives the account by its name at LINE."""

    of: Callable[[str], object]

    def create(self, account: str, name: str, users: Sequence[str]) -> int:
        from linebot.v3.audience import Audience, CreateAudienceGroupRequest

        request = CreateAudienceGroupRequest(
            description=name, isIfaAudience=False, audiences=[Audience(id=user) for user in users]
        )
        api = self._api(account)
        answer = _asked(lambda: api.create_audience_group(request, _request_timeout=TIMEOUT))
        return int(answer.audience_group_id)

    def find(self, account: str, name: str) -> int | None:
        api = self._api(account)
        answer = _asked(lambda: api.get_audience_groups(1, description=name, _request_timeout=TIMEOUT))
        alike = [int(one.audience_group_id) for one in answer.audience_groups or () if one.description == name]
        return max(alike, default=None)

    def add(self, account: str, audience: int, users: Sequence[str]) -> None:
        from linebot.v3.audience import AddAudienceToAudienceGroupRequest, Audience

        request = AddAudienceToAudienceGroupRequest(
            audienceGroupId=audience, audiences=[Audience(id=user) for user in users]
        )
        api = self._api(account)
        _asked(lambda: api.add_audience_to_audience_group(request, _request_timeout=TIMEOUT))

    def delete(self, account: str, audience: int) -> None:
        api = self._api(account)
        try:
            _asked(lambda: api.delete_audience_group(audience, _request_timeout=TIMEOUT))
        except PermanentSendError as refusal:
            if refusal.status != GONE:
                raise

    def _api(self, account: str) -> "ManageAudience":
        own = self.of(account)
        assert isinstance(own, Line), "only LINE has audiences"
        return _connected(own.api_base, own.access_token)


@cache
def _connected(api_base: str, access_token: str) -> "ManageAudience":
    import urllib3
    from linebot.v3.audience import ApiClient, Configuration, ManageAudience

    configuration = Configuration(host=api_base, access_token=access_token)
    configuration.retries = urllib3.Retry(0, redirect=0)
    return ManageAudience(ApiClient(configuration))


def _asked(call: Callable[[], Any]) -> Any:
    """What LINE answers, or the error by what it means."""
    from linebot.v3.audience.exceptions import ApiException
    from pydantic.v1 import ValidationError

    from bot.channels.calling import broken_off
    from bot.channels.line import failures
    from bot.channels.line.speaking import NO_ANSWER

    try:
        return call()
    except ApiException as error:
        raise _refusal(failures.refusal, error) from error
    except ValidationError as error:
        raise PermanentSendError("LINE answered in a way that the SDK does not know") from error
    except NO_ANSWER as error:
        raise broken_off("LINE", error) from error


def _refusal(refusal: Callable[..., SendError], error: Any) -> SendError:
    return refusal(int(error.status or 0), str(error.body or ""), "push", error.headers or {})
