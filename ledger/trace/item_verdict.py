"""The verdict on a scanned item code: what the rows and the MAC say of a serial under a lot.

| verdict   | when                                                                              | HTTP |
| --------- | --------------------------------------------------------------------------------- | ---- |
| genuine   | the serial was committed for this lot, and the lot is not recalled                | 200  |
| recalled  | the serial was committed for this lot, and a recall of the lot stands             | 200  |
| other_lot | the serial was committed, but for another lot of the same product                 | 404  |
| unknown   | its MAC is right for this lot (somebody holds our key, or it was never committed) | 404  |
| forged    | its MAC is wrong and nobody committed it                                          | 404  |

A recalled pack is found, and its page tells the most important thing there is to tell: 200, not 410, which would say
that nothing is here. The other three name something that does not exist on the ledger: 404.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Row, select

from ledger.store import schema
from ledger.trace.event_rows import load_members
from ledger.trace.facts import load_recalls
from ledger.trace.item_codes import check_serial, normal_serial
from ledger.trace.stated import Member, Recall
from ledger.trace.words import Text


class Verdict(StrEnum):
    """What a shopper is told first."""

    GENUINE = "genuine"
    RECALLED = "recalled"
    UNKNOWN = "unknown"
    FORGED = "forged"
    OTHER_LOT = "other_lot"

    @property
    def http_status(self) -> int:
        return 200 if self in (Verdict.GENUINE, Verdict.RECALLED) else 404

    @property
    def sentence(self) -> Text:
        return _SENTENCES[self]


_SENTENCES = {
    Verdict.GENUINE: Text(
        "这个编码是真的：它由产品所有者登记在这个批次之下。",
        "This code is genuine: the owner of the product registered it for this lot.",
    ),
    Verdict.RECALLED: Text(
        "这个批次已被召回，请勿食用或使用。编码本身是真的。",
        "This lot was recalled: do not eat or use it. The code itself is genuine.",
    ),
    Verdict.UNKNOWN: Text(
        "这个编码格式正确，但没有在账本上登记，无法证明是真的。",
        "This code is well formed but was never registered on the ledger, so nothing proves it genuine.",
    ),
    Verdict.FORGED: Text(
        "这个编码是假的：它的校验码不对，也没有人登记过它。",
        "This code is forged: its check characters are wrong and nobody registered it.",
    ),
    Verdict.OTHER_LOT: Text(
        "这个编码属于同一产品的另一个批次，标签与批次不符。",
        "This code belongs to another lot of the same product: label and lot do not match.",
    ),
}


@dataclass(frozen=True, slots=True)
class CommittedItem:
    """Where a serial stands: its place among the leaves under a root, and the log that committed the root.

    `root`, `manifest` are hex without 0x; `committed_at` is Unix seconds.
    """

    gtin: str
    lot: str
    serial: str
    root: str
    position: int
    count: int
    manifest: str
    member: Member
    block: int
    tx_hash: str
    committed_at: int


@dataclass(frozen=True, slots=True)
class Scan:
    """A judged code. `item` is the row behind a genuine, recalled or other_lot verdict (then its `lot` is the real
    one).
    """

    verdict: Verdict
    gtin: str
    lot: str
    serial: str  # as stored: upper case, confusable letters read as digits
    mac_right: bool
    item: CommittedItem | None
    recall: Recall | None  # the one that stands over the scanned lot, whatever the verdict


def judge(connection: Connection, mac_key: bytes, gtin: str, lot: str, serial: str) -> Scan:
    """Looks a serial up and checks its MAC. GTIN with 14 digits."""
    members = load_members(connection)
    serial = normal_serial(serial)
    rows = _committed(connection, gtin, serial)
    row = next((found for found in rows if found.lot == lot), rows[0] if rows else None)
    recall = next((each for each in load_recalls(connection, gtin, lot, members) if each.closed_at is None), None)
    mac_right = check_serial(mac_key, gtin, lot, serial)
    if row is None:
        verdict = Verdict.UNKNOWN if mac_right else Verdict.FORGED
    elif row.lot != lot:
        verdict = Verdict.OTHER_LOT
    else:
        verdict = Verdict.RECALLED if recall else Verdict.GENUINE
    return Scan(verdict, gtin, lot, serial, mac_right, _item(row, members) if row is not None else None, recall)


def _committed(connection: Connection, gtin: str, serial: str) -> list[Row[tuple[object, ...]]]:
    """Every commitment of the serial, the oldest first. One serial may stand under several roots."""
    item, committed = schema.item, schema.items_committed
    columns = (
        item.c.gtin, item.c.lot, item.c.serial, item.c.root, item.c.position, committed.c.count, committed.c.manifest,
        committed.c.member, committed.c.block, committed.c.tx_hash, committed.c.committed_at,
    )  # fmt: skip
    query = select(*columns).join(committed, committed.c.root == item.c.root)
    query = query.where(item.c.gtin == gtin, item.c.serial == serial)
    return list(connection.execute(query.order_by(committed.c.block, committed.c.log_index)))


def _item(row: Row[tuple[object, ...]], members: dict[int, Member]) -> CommittedItem:
    who = members.get(row.member) or Member(row.member, f"member-{row.member}", f"#{row.member}", 0)
    return CommittedItem(**{**row._mapping, "member": who})
