"""The demo's channel secret and access token: random on each machine, shared through the data folder.

Whoever of web, worker and simulator comes first makes them; nothing is hard-coded, nothing is guessable.
"""

import json
import os
import secrets
import tempfile
from pathlib import Path

from bot.settings import Settings


def demo_credentials(settings: Settings) -> tuple[str, str]:
    """The simulated channel's (secret, access token)."""
    path = settings.data / "simulator.json"
    if not path.exists():
        _create(path)
    held = json.loads(path.read_text())
    return held["channel_secret"], held["channel_access_token"]


def _create(path: Path) -> None:
    """Write the file whole, then link it into place: a second process that creates it too loses and reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = {"channel_secret": secrets.token_hex(16), "channel_access_token": secrets.token_urlsafe(96)}
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as draft:  # mkstemp: readable by the owner only
        json.dump(fresh, draft)
        draft.flush()
        try:
            os.link(draft.name, path)
        except FileExistsError:
            return
