"""The events behind commitments, read from the document store and checked against what stands on the chain.

Decided: what this home does not hold leaves a statement *sealed*, and a later `heal` opens it. What it holds and was
damaged (an opening that does not open, a document whose bytes or event hash changed) is BrokenEvidence that names the
file: the line stops until the file is put back, for going on would show other rows than a rebuild.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from ledger.errors import BadInput, BrokenEvidence
from ledger.store.documents import Documents, Opening
from ledger.trace.epcis import read_document
from ledger.trace.epcis.event import Event

_DOCUMENTS_KEPT = 8


@dataclass(frozen=True, slots=True)
class OpenedEvent:
    """A statement's opening and the event that it commits to."""

    opening: Opening
    event: Event


class StoredEvents:
    """Reads each document once for all its events. For one thread."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self._read: OrderedDict[str, dict[int, Event]] = OrderedDict()

    def open(self, commitment: str, member: int) -> OpenedEvent | None:
        """The event that `member` committed to; None where this home does not hold it.

        An opening belongs to one member: another's statement with the same commitment is copied from the chain, and
        says nothing about what its sender knew. BrokenEvidence when a file was damaged.
        """
        opening = self.opening(commitment, member)
        if opening is None or not self.documents.has(opening.document):
            return None
        event = self._events(opening.document).get(opening.position)
        if event is None or event.hash.hex != opening.event_hash:
            raise BrokenEvidence(
                f"Event {opening.position} of this document does not have the hash {opening.event_hash} that was "
                f"committed to (commitment {commitment}).",
                where=str(self.documents.file_of(opening.document)),
                hint="Put the opening or the document back from a backup, or capture the same document again.",
            )
        return OpenedEvent(opening, event)

    def opening(self, commitment: str, member: int) -> Opening | None:
        """What this home keeps of the member's own commitment. BrokenEvidence when the file was damaged."""
        opening = self.documents.get_opening(commitment)
        return opening if opening is not None and opening.member == member else None

    def _events(self, document: str) -> dict[int, Event]:
        if document in self._read:
            self._read.move_to_end(document)
            return self._read[document]
        where = str(self.documents.file_of(document))
        try:
            # "proceed": what was refused at its capture was never committed to.
            events = read_document(self.documents.get(document), source=where, behaviour="proceed").events
        except BadInput as error:
            raise BrokenEvidence(f"A captured document can no longer be read: {error}", where=where) from error
        self._read[document] = {event.position: event for event in events}
        if len(self._read) > _DOCUMENTS_KEPT:
            self._read.popitem(last=False)
        return self._read[document]
