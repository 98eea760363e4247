"""The OpenID Connect provider of the house, where one is set up: state, nonce, PKCE and tokens are Authlib's work."""

from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, session
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from bot.auth.provided import needed
from bot.errors import FrontlineError
from bot.settings import Settings

NAME = "house"
STATE = f"_state_{NAME}_"  # where Authlib keeps state, nonce and verifier until somebody is back
TIMEOUT = 6.0
FAILURES = (AuthlibBaseError, JoseError, requests.RequestException, KeyError, ValueError)


class ProviderFailed(FrontlineError):
    """The provider was not reached, or its answer is not to be believed; the text names the kind of error."""


def init_app(app: Flask, settings: Settings) -> None:
    """Nothing is asked of the provider before somebody wants to come in."""
    if not settings.oidc_issuer:
        return
    app.extensions["provider"] = OAuth(app).register(
        NAME,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.oidc_scope,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )


def is_set_up() -> bool:
    return "provider" in current_app.extensions


def leave_for(back: str) -> ResponseReturnValue:
    """To the provider's own page, which leads back to this address; an earlier try in this browser is forgotten."""
    for begun in [name for name in session if name.startswith(STATE)]:
        session.pop(begun)  # each is half a kilobyte, and browsers keep no cookie above four
    try:
        response: ResponseReturnValue = current_app.extensions["provider"].authorize_redirect(back)
    except FAILURES as error:
        raise ProviderFailed(type(error).__name__) from error
    return response


def returned(settings: Settings) -> dict[str, Any]:
    """What the provider says of who came back with this request: the claims of a token that was made out to us."""
    client = current_app.extensions["provider"]
    expected = {
        "iss": {"essential": True, "values": [settings.oidc_issuer]},
        "aud": {"essential": True, "values": [settings.oidc_client_id]},
    }
    try:
        token = client.authorize_access_token(claims_options=expected)
        claims = dict(token["userinfo"])
        if needed(settings) <= claims.keys():
            return claims
        more = dict(client.userinfo(token=token))  # some keep their tokens short
    except FAILURES as error:
        raise ProviderFailed(type(error).__name__) from error
    return more | claims if more.get("sub") == claims["sub"] else claims
