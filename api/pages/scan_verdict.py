"""The verdict on what was scanned: the sentence that stands first on the page, and the status that goes with it. Pure.

An error about the goods (forged, unknown, another lot) is no error of the request: it is a page of its own, with 404.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from api.addresses import scan_path
from api.pages.formats import chain_time
from api.pages.language import Language, say
from ledger.trace.findings import Severity
from ledger.trace.item_verdict import Scan
from ledger.trace.item_verdict import Verdict as Judgement
from ledger.trace.journey import Journey
from ledger.trace.stated import Recall


@dataclass(frozen=True)
class Link:
    name: str
    href: str


@dataclass(frozen=True)
class Verdict:
    """`tone` is a style (good, warn, bad, calm) and `sign` its mark for the eye; the words say it all."""

    tone: str
    title: str
    sentences: tuple[str, ...] = ()
    quote: str | None = None
    link: Link | None = None
    status: int = 200
    sign: str = field(default="")

    def __post_init__(self) -> None:
        if not self.sign:
            object.__setattr__(self, "sign", {"good": "✓", "warn": "!", "bad": "✕", "calm": "·"}[self.tone])


def on_journey(language: Language, journey: Journey, *, genuine: bool, code: tuple[str, ...] = ()) -> Verdict:
    """On a lot that is on record; `genuine`: a code of it was checked as well, and `code` says where it stands."""
    if journey.recall is not None:
        return recalled(language, journey.recall, code)
    kind = "verdict.genuine" if genuine else "verdict.lot"
    count = len(journey.findings)
    if not count:
        return Verdict("good", say(language, kind), code)
    title = say(language, f"{kind}_doubt_one") if count == 1 else say(language, f"{kind}_doubt", count=count)
    conflict = any(finding.severity is Severity.CONFLICT for finding in journey.findings)
    return Verdict("warn" if conflict else "calm", title, code)


def recalled(language: Language, recall: Recall, more: tuple[str, ...] = (), status: int = 200) -> Verdict:
    why = say(language, "verdict.recalled_why", who=recall.member.name, at=chain_time(recall.opened_at, language))
    return Verdict("bad", say(language, "verdict.recalled"), (*more, why), quote=recall.reason, status=status)


def on_scan(language: Language, scan: Scan, journey: Journey | None) -> Verdict:
    """On an item code that was judged (`ledger.trace.item_verdict`). Whatever it is, a recall of its lot is told
    first."""
    if scan.recall is not None and scan.verdict is not Judgement.RECALLED:
        told = _unproven(language, scan)
        return recalled(
            language,
            scan.recall,
            (told.title + ("。" if language == "zh" else "."), *told.sentences),
            status=told.status,
        )
    if scan.item is None or scan.verdict is Judgement.OTHER_LOT:
        return _unproven(language, scan)
    item = scan.item
    at = chain_time(item.committed_at, language)
    code = say(language, "verdict.code", count=f"{item.count:,}", who=item.member.name, at=at)
    if scan.recall is not None:
        return recalled(language, scan.recall, (code,))
    if journey is None:
        return Verdict("calm", say(language, "verdict.genuine_bare"), (code,))
    return on_journey(language, journey, genuine=True, code=(code,))


def _unproven(language: Language, scan: Scan) -> Verdict:
    """A code that stands for no pack of this lot."""
    if scan.item is not None:
        link = Link(
            say(language, "verdict.other_lot_see", lot=scan.item.lot), scan_path(scan.gtin, scan.item.lot, scan.serial)
        )
        why = say(language, "verdict.other_lot_why", said=scan.lot, lot=scan.item.lot)
        return Verdict("bad", say(language, "verdict.other_lot"), (why,), link=link, status=404)
    key = "forged" if scan.verdict is Judgement.FORGED else "unknown_serial"
    tone = "bad" if scan.verdict is Judgement.FORGED else "warn"
    return Verdict(tone, say(language, f"verdict.{key}"), (say(language, f"verdict.{key}_why"),), status=404)


def unknown_lot(language: Language, product: str, lot: str) -> Verdict:
    return Verdict(
        "warn",
        say(language, "verdict.unknown_lot"),
        (say(language, "verdict.unknown_lot_why", product=product, lot=lot),),
        status=404,
    )


def unknown_product(language: Language, gtin: str) -> Verdict:
    return Verdict(
        "warn",
        say(language, "verdict.unknown_product"),
        (say(language, "verdict.unknown_product_why", gtin=gtin),),
        status=404,
    )


def bad_address(language: Language) -> Verdict:
    """What was scanned or typed breaks the rules of its numbers."""
    return Verdict(
        "warn", say(language, "verdict.bad_address"), (say(language, "verdict.bad_address_why"),), status=400
    )


def broken(language: Language) -> Verdict:
    """The evidence behind the code does not fit together: nobody should trust the pack, and the operator should
    know."""
    return Verdict("bad", say(language, "verdict.broken"), (say(language, "verdict.broken_why"),), status=500)
