"""The log of every process: one JSON object a line on stdout, times in UTC, no secrets.

What other libraries log goes the same way. A field whose name says that it holds a secret is left out, and what looks
like one inside a text (a webhook's secret, a bearer token, a URL's password) is struck through: a log is read by more
people than may know these.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

STRUCK: Final = "[struck]"

_SECRET_NAMES: Final = re.compile(
    r"secret|passw|passphrase|token|authorization|cookie|private_?key|signature|authority|credential|^raw$|^salt$",
    re.IGNORECASE,
)
_SECRET_TEXTS: Final = (
    (re.compile(r"whs(?:ec|k)_[A-Za-z0-9+/=]+"), STRUCK),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {STRUCK}"),
    (re.compile(r"(://[^/\s:@]*):[^/\s@]*@"), rf"\1:{STRUCK}@"),
    (re.compile(r"\b(suyuan_session=)[^;\s]+"), rf"\1{STRUCK}"),
)

Event = MutableMapping[str, Any]


def configure_logging(process: str, level: int = logging.INFO) -> None:
    """For a process of that name. Other libraries are heard from warnings on."""
    ours: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # The stack as text: renderers that show local variables show the secrets among them.
        structlog.processors.format_exc_info,
        _named(process),
        strike_secrets,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*ours, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=ours,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def strike_secrets(_logger: object, _method: str, event: Event) -> Event:
    """A processor: names that say that they hold a secret, and texts that look like one."""
    return {name: STRUCK if _SECRET_NAMES.search(name) else _struck(value) for name, value in event.items()}


def _struck(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, instead in _SECRET_TEXTS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, dict):
        return strike_secrets(None, "", value)
    if isinstance(value, (list, tuple)):
        return [_struck(one) for one in value]
    return value


def _named(process: str) -> structlog.typing.Processor:
    def name(_logger: object, _method: str, event: Event) -> Event:
        event["process"] = process
        return event

    return name
