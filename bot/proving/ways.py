"""On which ways a code can go out, and how an address is shown to who may only recognise it."""

from bot.settings import Settings


def ways(settings: Settings) -> tuple[str, ...]:
    """By letter where there is a mail server, by SMS where there is a program that sends them."""
    found = {"email": settings.smtp_url, "phone": settings.sms_url}
    return tuple(way for way, server in found.items() if server)


def masked(way: str, address: str) -> str:
    """Enough of an address to know one's own."""
    if way == "phone":
        return f"{'*' * max(len(address) - 3, 0)}{address[-3:]}"
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}"
