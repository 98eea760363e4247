"""The one secret of a shop's pages: it signs sessions, and seals what must be read again but lie in no open drawer."""

import base64
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import SettingsError
from bot.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


def secret_key(settings: Settings) -> str:
    """SECRET_KEY; in the demo a key of this machine, made once, so that all its processes share it."""
    if settings.secret_key:
        return settings.secret_key
    if not settings.demo:
        raise SettingsError("SECRET_KEY is not set; it signs the sessions of your staff: put 32 random bytes there")
    return _own_key(settings.data / "secret_key")


def seal(settings: Settings, text: str) -> str:
    return _box(settings).encrypt(text.encode()).decode()


def unseal(settings: Settings, sealed: str) -> str | None:
    """None where SECRET_KEY is not the one that sealed it."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(settings).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box(settings: Settings) -> "Fernet":
    """A key of its own, derived: what signs cookies encrypts nothing."""
    # The stream's process seals nothing, and holds what it imports a long time.
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"frontline sealed secrets")
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret_key(settings).encode())))


def _own_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret_key.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(32))
    try:
        path.hardlink_to(draft)  # fails where another process was first, which is then the key
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text()
