"""Rows with a text to the same rows with slots."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from data.text import MAX_CHARACTERS
from model.parser import Parser
from service.contract import Accepts, ParseRequest, parse_request_from_json
from service.jobs import Fields, Job
from service.problems import FieldProblem, InvalidRequestError, shorten


def tagging_job(
    parser: Parser, text_column: str = "text", options: Mapping[str, Any] = MappingProxyType({})
) -> Job[ParseRequest]:
    """Rows get `slots`. `options` are fields of every row's request (as `timezone`, where values are wanted by another
    clock than UTC's now). Raises InvalidRequestError for a wrong option.
    """
    accepts = Accepts.from_parser(parser, MAX_CHARACTERS)
    parse_request_from_json({**options, "text": "a text"}, accepts)  # what is wrong once fails the job, not each row

    def check(fields: Fields) -> ParseRequest:
        if text_column not in fields:
            detail = f"there is no field {shorten(text_column)}"
            raise InvalidRequestError([FieldProblem(field=text_column, code="missing_field", detail=detail)])
        own = {"text": fields[text_column], "lang": fields.get("lang"), "requested_slot": _requested_slot(fields)}
        return parse_request_from_json({**options, **own}, accepts)

    def answer(requests: Sequence[ParseRequest]) -> Iterator[Fields]:
        for parse in parser.parse_requests([request.to_parser("UTC") for request in requests]):
            yield {"slots": [slot.to_dict() for slot in parse.slots]}

    return Job(check, answer, {"slots": []})


def _requested_slot(fields: Fields) -> Any:
    """Of its own column, or of the context that a row of the corpora has."""
    context = fields.get("context")
    in_context = context.get("requested_slot") if isinstance(context, Mapping) else None
    return fields.get("requested_slot", in_context)
