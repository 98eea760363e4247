"""Headers that keep other people's scripts and frames out of our pages."""

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


def init_app(app: Flask, settings: Settings) -> None:
    policy = content_policy(settings)

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint == "static":
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"  # names carry a hash
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def content_policy(settings: Settings) -> str:
    """Everything from here only: no inline script or style. The stream may live on a port of its own."""
    stream = f" {settings.stream_url}" if settings.stream_url else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self'{stream}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
