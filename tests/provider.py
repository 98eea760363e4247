"""An OpenID Connect provider on loopback: discovery, consent without a question, codes with PKCE, signed ID tokens."""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "frontline", "the provider's secret for us"


@dataclass
class Provider:
    """Everybody who comes is `person`; `forged` overwrites what its tokens say, `userinfo` is told apart from them."""

    person: dict[str, Any] = field(default_factory=dict)
    forged: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"}))

    def start(self) -> "Provider":
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                where = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(where.query).items()}
                if where.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.consent(asked))
                    self.end_headers()
                else:
                    self._says(200, provider.tells(where.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                given = {name: values[0] for name, values in parse_qs(body).items()}
                token = provider.redeem(given, self.headers.get("Authorization", ""))
                self._says(200 if token else 400, token or {"error": "invalid_grant"})

            def _says(self, status: int, answer: dict[str, Any]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def consent(self, asked: dict[str, str]) -> str:
        """Where the browser goes with its code."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def redeem(self, given: dict[str, str], authorization: str) -> dict[str, Any]:
        """A token for a code: once, for our client, at the same address, and for who holds the verifier."""
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None or authorization != f"Basic {_b64(f'{CLIENT_ID}:{CLIENT_SECRET}')}":
            return {}
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or given["redirect_uri"] != asked["redirect_uri"]:
            return {}
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        id_token = jwt.encode({"alg": "RS256", "kid": "1"}, claims | self.person | self.forged, self.key)
        return {"access_token": "an access token", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}

    def tells(self, path: str) -> dict[str, Any]:
        if path == "/jwks":
            return dict(KeySet([self.key]).as_dict(private=False))
        if path == "/userinfo":
            return self.userinfo
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256"],
        }


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
