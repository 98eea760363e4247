"""What happens on the desk, for programs elsewhere: webhooks signed as Standard Webhooks says.

The id stays the same over all tries, so that a receiver knows a repeat; the signature is made anew for each.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import requests
from standardwebhooks import Webhook

from bot.clock import now
from bot.errors import SendError, TemporarySendError, UnknownOutcome
from bot.outgoing import Network, Outgoing
from handoff.notifiers import AddressGone, Letter

TIMEOUT = (2.0, 6.0)
GONE = 410


@dataclass(frozen=True)
class Webhooks:
    """An address is an endpoint as JSON: url and secrets, of which each signs.

    Of our own network only what `inside` names is called.
    """

    inside: Sequence[Network]

    def send(self, letter: Letter, address: str) -> int:
        endpoint, at = json.loads(address), now()
        body = json.dumps(letter.data, ensure_ascii=False)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": letter.key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign(letter.key, at, body) for secret in endpoint["secrets"]),
        }
        try:
            with Outgoing(self.inside) as calls:
                response = calls.post(endpoint["url"], body.encode(), headers=headers, timeout=TIMEOUT)
        except requests.ConnectionError as error:
            raise TemporarySendError("the program was not reached") from error
        except requests.RequestException as error:
            raise UnknownOutcome(f"the program went away ({type(error).__name__})") from error
        if not response.ok or response.is_redirect:
            raise _refusal(response.status_code)
        return response.status_code


def _refusal(status: int) -> SendError:
    """410 ends it; whatever else a program answers may be mended."""
    if status == GONE:
        return AddressGone("the program wants no more", status=status)
    return TemporarySendError(f"the program said {status}", status=status)
