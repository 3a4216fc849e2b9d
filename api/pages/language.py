"""Which language a page speaks, and its words. The words stand in `api/words/*.json` as `{key: {"zh": ..., "en":
...}}`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Literal

from starlette.requests import Request

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
HTML_LANG: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}
COOKIE = "suyuan_lang"

_WORDS = Path(__file__).resolve().parent.parent / "words"


def language_of(request: Request) -> Language:
    """`?lang=` wins, then the cookie that an earlier `?lang=` set, then Accept-Language (RFC 9110, 12.5.4), then
    English."""
    for said in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if said in LANGUAGES:
            return said
    return _accepted(request.headers.get("accept-language", ""))


def _accepted(header: str) -> Language:
    best: Language = "en"
    weight = 0
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary in LANGUAGES and _permille(parameters) > weight:
            best, weight = primary, _permille(parameters)
    return best


def _permille(parameters: str) -> int:
    """The q value in thousandths; one that does not parse counts as nothing."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1000
    whole, _, fraction = value.strip().partition(".")
    digits = (fraction + "000")[:3]
    if name.strip() != "q" or not (whole + digits).isdigit():
        return 0
    return min(int(whole) * 1000 + int(digits), 1000)


@cache
def all_words() -> dict[str, dict[Language, str]]:
    """Every key with its sentence in each language."""
    words: dict[str, dict[Language, str]] = {}
    for file in sorted(_WORDS.glob("*.json")):
        words.update(json.loads(file.read_text(encoding="utf-8")))
    return words


def say(language: Language, key: str, **values: object) -> str:
    """The sentence of a key. A key without words raises KeyError: a page with a hole is an error of ours."""
    sentence = all_words()[key][language]
    return sentence.format(**values) if values else sentence


def has_words(key: str) -> bool:
    return key in all_words()
