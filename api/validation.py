"""Validation faults in sentences, and bodies that hold one thing or a list of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ledger.errors import BadInput

MOST_SHOWN = 60


class Strict(BaseModel):
    """A body whose numbers are numbers and whose texts are texts, and which holds nothing that we would overlook."""

    model_config = ConfigDict(strict=True, extra="forbid")


M = TypeVar("M", bound=BaseModel)


def one_or_many(many: TypeAdapter[list[M]], body: bytes, name: str) -> list[M]:
    """The things in a JSON body: an object, a list of them, or `{name: [...]}`. BadInput when it is no JSON,
    RequestValidationError (422) with each fault's place when the content does not fit."""
    said = read_json(body)
    if isinstance(said, dict) and set(said) == {name}:
        prefix: tuple[str | int, ...] = (name,)
        said = said[name]
    else:
        prefix = ()
    single = isinstance(said, dict)
    things = [said] if single else said
    try:
        found = many.validate_python(things)
    except ValidationError as error:
        raise RequestValidationError(
            [
                {**fault, "loc": ("body", *prefix, *(fault["loc"][1:] if single else fault["loc"]))}
                for fault in error.errors()
            ]
        ) from None
    if not found:
        raise BadInput(
            f"There are no {name} in the body.", where="/" + "/".join(map(str, prefix)), hint="Send at least one."
        )
    return found


def read_json(body: bytes) -> Any:
    """The JSON value (RFC 8259). BadInput with line and column when it does not parse; and for a name that stands twice
    in an object, half a character, or a number of more digits than Python reads, which others would take otherwise."""
    try:
        said = json.loads(body, object_pairs_hook=_each_name_once)
        json.dumps(said, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise BadInput(
            f"The body is not JSON: {error.msg}.",
            where=f"line {error.lineno}, column {error.colno}",
            hint="Correct it there.",
        ) from None
    except UnicodeError:
        raise BadInput("The body is not JSON in UTF-8.", where="request body") from None
    except (RecursionError, ValueError):
        raise BadInput("The body is nested too deep, or holds too long a number.", where="request body") from None
    return said


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for position, (name, _) in enumerate(pairs) if name in dict(pairs[:position]))
        raise BadInput(
            f"The name {twice!r} stands twice in one object.", where="request body", hint="Keep one of them."
        )
    return found


def sentence_of(fault: Mapping[str, Any]) -> str:
    """What is wrong with a value, in a sentence that names it."""
    kind, said = fault["type"], _shown(fault.get("input"))
    context = fault.get("ctx", {})
    sentences = {
        "missing": "This value is missing.",
        "extra_forbidden": "There is no value of this name here.",
        "int_type": f"A whole number is needed here, not {said}.",
        "int_parsing": f"A whole number is needed here, not {said}.",
        "int_from_float": f"A whole number is needed here, not {said}.",
        "string_type": f"A text is needed here, not {said}.",
        "bool_type": f"true or false is needed here, not {said}.",
        "model_type": f"An object is needed here, not {said}.",
        "list_type": f"A list is needed here, not {said}.",
        "greater_than_equal": f"This must be at least {context.get('ge')}, and is {said}.",
        "less_than": f"This must be less than {context.get('lt')}, and is {said}.",
        "less_than_equal": f"This must be at most {context.get('le')}, and is {said}.",
        "string_pattern_mismatch": f"This does not have the form {context.get('pattern')}: {said}.",
        "literal_error": f"This must be {context.get('expected')}, and is {said}.",
        "json_invalid": f"The body is not JSON: {context.get('error')}.",
    }
    return sentences.get(kind) or f"{fault['msg']}."


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"
