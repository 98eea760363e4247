"""Files for programs: taken in, to be sent with the next reply."""

from flask import Response
from werkzeug.datastructures import FileStorage

from bot.api import allow, answers, caller, spec
from bot.auth.bodies import files_too
from bot.errors import Refused
from handoff import tickets
from handoff.api.routes import blueprint, case, reading, services
from handoff.api.shapes.files import Enclosure, Upload


@blueprint.post("/tickets/<number>/attachments")
@allow("case.joined", "tickets:write")
@files_too
@spec.validate(resp=answers(HTTP_201=Enclosure), tags=("tickets",))
def attach(number: str, form: Upload) -> Response:
    """Keep a file for a reply, which names it by its id; one that is not sent within a day is removed."""
    given: object = form.file
    if not isinstance(given, FileStorage):
        raise Refused("沒有收到檔案。")
    with reading() as session:
        ticket_id = case(session, number).id
    kept = tickets.upload(services(), ticket_id, caller().user_id, given.filename or "", given.stream)
    return Response(Enclosure.of(kept).model_dump_json(), 201, mimetype="application/json")
