"""Whether a request comes from this machine: what the demo opens to everybody, it opens to nobody else."""

import ipaddress

from flask import request

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


def at_home() -> bool:
    """From a loopback address and by a loopback name: another name may be somebody's page (DNS rebinding)."""
    return _is_loopback(request.remote_addr) and _names_loopback(request.host)


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _names_loopback(host: str) -> bool:
    return host.rsplit(":", 1)[0] in LOOPBACK_NAMES or host in LOOPBACK_NAMES
