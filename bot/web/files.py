"""Files of messages, for whoever has a signed address. What a stranger sent must not act in our name:

no cookie is read or set, nothing in it may run or call anywhere, and what is not known for harmless is downloaded.
"""

import mimetypes

from flask import Blueprint, Response, current_app, request, send_file, url_for
from flask.typing import ResponseReturnValue

from bot import attachments, db
from bot.auth import addresses, machine
from bot.models import Attachment
from bot.services import Services

IN_PLACE = ("image", "video", "audio")
JPEG = "image/jpeg"
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
KEPT = "private, max-age=3600"

blueprint = Blueprint("files", __name__)


@blueprint.get("/files/<signature>")
@machine
def show(signature: str) -> ResponseReturnValue:
    """A file, or a part of it; 404 alike for what was taken back, is over, or was never signed."""
    grant = addresses.read(_services().settings, signature)
    found = _find(grant) if grant is not None else None
    answer = _served(found, grant.copy) if found is not None and grant is not None else Response(status=404)
    answer.headers.update(HEADERS)
    return answer


@blueprint.app_template_global()
def file_address(found: Attachment, copy: str = addresses.WHOLE) -> str:
    """Where whoever sees this page reads a file that stands on it."""
    return url_for("files.show", signature=addresses.signed(_services().settings, found.id, copy))


def _find(grant: addresses.Grant) -> Attachment | None:
    with db.reading(_services().sessions) as session:
        found = session.get(Attachment, grant.id)
    return found if found is not None and found.state == "stored" else None


def _served(found: Attachment, copy: str) -> Response:
    try:
        return _small(found) if copy == addresses.SMALL else _whole(found)
    except FileNotFoundError:
        return Response(status=404)


def _small(found: Attachment) -> Response:
    file = attachments.store(_services().settings).open(attachments.small_copy(found.key))
    return _kept(send_file(file, JPEG, download_name=f"{found.kind}-{found.id}.jpg", etag=False), f"{found.key}.small")


def _whole(found: Attachment) -> Response:
    file = attachments.store(_services().settings).open(found.key)
    loaded = found.shown not in IN_PLACE
    answer = send_file(file, found.type, as_attachment=loaded, download_name=_name(found), etag=False)
    _kept(answer, found.key).make_conditional(request, accept_ranges=True, complete_length=found.size)
    return answer


def _kept(answer: Response, tag: str) -> Response:
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = KEPT
    return answer


def _name(found: Attachment) -> str:
    """What it is called on a disk: as its sender called it, without any path."""
    ending = mimetypes.guess_extension(found.type) or ""
    return found.name.replace("\\", "/").rpartition("/")[2] or f"{found.kind}-{found.id}{ending}"


def _services() -> Services:
    services: Services = current_app.extensions["frontline"]
    return services
