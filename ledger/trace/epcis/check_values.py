"""Checks of single values in an event: times, identifiers, standard words, numbers, names of extensions.

Each notes a fault and returns None, or returns the value in the form in which the ledger keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from ledger.errors import BadInput
from ledger.trace.epcis.context import Context
from ledger.trace.epcis.event_fields import ALL_FIELDS
from ledger.trace.epcis.problems import Problems, escape
from ledger.trace.epcis.times import utc_milliseconds
from ledger.trace.epcis.vocabulary import Vocabulary, expand_curie, web_form
from ledger.trace.gs1 import Epc, parse_epc
from ledger.trace.gs1.parse import is_uri

_DEEPEST = 32
# Bare words inside an extension that JSON-LD or the EPCIS context itself defines.
_DEFINED = ALL_FIELDS | {
    "@type",
    "@id",
    "@value",
    "@language",
    "@list",
    "@set",
    "id",
    "epcClass",
    "quantity",
    "uom",
    "#text",
}


class Values:
    """Checks values of one event, in the names of its context."""

    def __init__(self, problems: Problems, context: Context) -> None:
        self.problems = problems
        self.context = context

    def text(self, value: Any, pointer: str, name: str, *, wanted: str = "text") -> str | None:
        """Text that is not empty."""
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.problems.add(pointer, f"{name} must be {wanted}, and is {describe(value)}", f'Write "{name}": "…".')
        return None

    def time(self, value: Any, pointer: str, name: str) -> str | None:
        """A time with zone, as UTC with milliseconds."""
        text = self.text(value, pointer, name)
        if text is None:
            return None
        utc = utc_milliseconds(text)
        if utc is None:
            self.problems.add(
                pointer,
                f"{name} {text!r} is no time that EPCIS knows",
                "Write date, T, time and zone, as in 2026-04-17T09:26:42-04:00 or 2026-04-17T13:26:42Z.",
            )
        return utc

    def uri(self, value: Any, pointer: str, name: str) -> str | None:
        """Any URI."""
        text = self.text(value, pointer, name, wanted="a URI")
        if text is not None and not is_uri(text):
            self.problems.add(pointer, f"{name} {text!r} is no URI", "A URI starts with a scheme: https:, urn:, geo: …")
            return None
        return text

    def epc(self, value: Any, pointer: str, name: str) -> Epc | None:
        """An identifier: EPC URN, Digital Link or another URI; with its check digit held to."""
        text = self.text(value, pointer, name, wanted="a URI")
        if text is None:
            return None
        try:
            return parse_epc(expand_curie(text, self.context.prefixes))
        except BadInput as problem:
            self.problems.adopt(pointer, problem)
            return None

    def word(self, value: Any, pointer: str, name: str, vocabulary: Vocabulary) -> str | None:
        """A standard word in any of its forms, bare; or a URI of one's own as it is (CBV 2.0 section 7)."""
        text = self.text(value, pointer, name)
        if text is None or text in vocabulary.words:
            return text
        full = web_form(expand_curie(text, self.context.prefixes))
        if full.startswith(vocabulary.web):
            word = full[len(vocabulary.web) :]
            if word in vocabulary.words or vocabulary.web.endswith("/"):
                return word if word in vocabulary.words else full
        elif ":" in text and is_uri(text) and not full.startswith(("urn:epcglobal:cbv:", "https://ref.gs1.org/cbv/")):
            return full
        elif text in self.context.terms:
            return self.context.terms[text]
        word = full.rpartition("-")[2].rpartition(":")[2]
        near = get_close_matches(word, vocabulary.words, n=1, cutoff=0.6)
        self.problems.add(
            pointer,
            f"{text!r} is no {vocabulary.name} of GS1 CBV 2.0",
            f"Use one of its words{f', perhaps {near[0]}' if near else ''}, or a URI of your own (https://…).",
            value=text,
        )
        return None

    def number(self, value: Any, pointer: str, name: str) -> str | None:
        """A number as the text that was said."""
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        hint = (
            f'Write it without quotation marks: "{name}": 12.5.' if isinstance(value, str) else f'Write "{name}": 12.5.'
        )
        self.problems.add(pointer, f"{name} must be a number, and is {describe(value)}", hint)
        return None

    def each(self, value: Any, pointer: str) -> Iterator[tuple[Any, str]]:
        """The members of a list with their pointers; a single value stands for a list of one, as in JSON-LD."""
        if isinstance(value, list):
            for place, item in enumerate(value):
                yield item, f"{pointer}/{place}"
        else:
            yield value, pointer

    def object(self, value: Any, pointer: str, name: str) -> dict[str, Any] | None:
        """An object."""
        if isinstance(value, dict):
            return value
        self.problems.add(pointer, f"{name} must be an object, and is {describe(value)}", f'Write "{name}": {{…}}.')
        return None

    def only(self, fields: dict[str, Any], allowed: frozenset[str], pointer: str, name: str) -> None:
        """No fields but the allowed: there is no place for extensions here."""
        for field in fields:
            if field not in allowed:
                self.problems.add(
                    f"{pointer}/{escape(field)}",
                    f"{_capital(name)} has no field {field!r}",
                    f"It may hold {', '.join(sorted(allowed))}.",
                    field=field,
                )

    def extensions(self, fields: dict[str, Any], known: frozenset[str], pointer: str, name: str) -> None:
        """All other fields must be extensions: their names need a namespace."""
        for field, value in fields.items():
            if field not in known:
                place = f"{pointer}/{escape(field)}"
                if self._has_namespace(field, place, name):
                    self._inside(value, place, 1)

    def _has_namespace(self, field: str, pointer: str, name: str) -> bool:
        prefix, colon, local = field.partition(":")
        if colon:
            if local.startswith("//") or prefix == "urn" or (local and prefix in self.context.prefixes):
                return True
            if local and self.context.unknown:
                return True  # a prefix that an unknown context may define stays as it is
            self.problems.add(
                pointer,
                f"The prefix {prefix!r} of {field!r} is not declared",
                f'Add {{"{prefix}": "https://…/"}} to @context.',
                field=field,
            )
            return False
        if field in self.context.terms:
            return True
        self._bare(field, pointer, name)
        return False

    def _bare(self, field: str, pointer: str, name: str) -> None:
        if self.context.unknown and not field.startswith("@"):
            self.problems.add(
                pointer,
                f"The term {field!r} in {name} has no namespace, and only a context that is not shipped here could "
                f"define it: {', '.join(self.context.unknown)}",
                "Contexts are never fetched. Write the term with a prefix (example:term), or define it in @context.",
                field=field,
            )
        else:
            self.problems.add(
                pointer,
                f"{_capital(name)} has no field {field!r}; as an extension its name would need a namespace",
                f'Write it with a prefix, as in "example:{field.lstrip("@_")}", and declare the prefix in @context.',
                field=field,
            )

    def _inside(self, value: Any, pointer: str, depth: int) -> None:
        """What an extension holds is free, but not bottomless, and without terms that only an unknown context could
        define.
        """
        if depth > _DEEPEST:
            self.problems.add(pointer, f"This nests more than {_DEEPEST} levels", "Flatten it.")
            return
        if isinstance(value, list):
            for place, item in enumerate(value):
                self._inside(item, f"{pointer}/{place}", depth + 1)
        elif isinstance(value, dict):
            for field, inner in value.items():
                spot = f"{pointer}/{escape(field)}"
                if self.context.unknown and self._is_undefined(field):
                    self._bare(field, spot, "an extension")
                elif field != "@context":
                    self._inside(inner, spot, depth + 1)

    def _is_undefined(self, field: str) -> bool:
        return ":" not in field and field not in _DEFINED and field not in self.context.terms


def _capital(text: str) -> str:
    """A sentence that starts with an article starts with a capital; names of fields stay as they are."""
    return text[:1].upper() + text[1:] if text.startswith(("a ", "an ", "the ")) else text


def describe(value: Any) -> str:
    """What stands there, in plain words."""
    if value is None:
        return "missing or null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {value[:60]!r}" if value.strip() else "empty text"
    if isinstance(value, int | Decimal):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "an object"
