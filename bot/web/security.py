"""Headers that keep other people's scripts and frames out of our pages."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

from bot.settings import Settings

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
YEAR = 31_536_000
LOOPBACK = ("127.0.0.1", "localhost")


def init_app(app: Flask, settings: Settings) -> None:
    app.add_template_global(lambda: stream_origin(settings), "stream_origin")

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content_policy(settings))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static":
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"  # names carry a hash
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def stream_origin(settings: Settings) -> str:
    """The stream as this browser reaches it: on one machine under the name by which it reached the page.

    A cookie of `localhost` is not sent to `127.0.0.1`.
    """
    stream, here = urlsplit(settings.stream_url), urlsplit(request.host_url)
    if stream.hostname in LOOPBACK and here.hostname in LOOPBACK:
        return f"{stream.scheme}://{here.hostname}:{stream.port}"
    return settings.stream_url


def _stickers() -> str:
    """Where a conversation is shown: what stickers look like, only LINE knows."""
    return " https://stickershop.line-scdn.net" if request.path.startswith("/console") else ""


def content_policy(settings: Settings) -> str:
    """Everything from here only: no inline script or style. The stream may live on a port of its own."""
    origin = stream_origin(settings)
    stream = f" {origin}" if origin else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data:{_stickers()}",
            "media-src 'self'",
            "font-src 'self'",
            f"connect-src 'self'{stream}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
