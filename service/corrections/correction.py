"""A sentence with the slots that it should have, what the model said instead, and what became of it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

import orjson

from data.catalogue import Catalogue
from data.rows import Row
from data.tags import Span
from data.validation import validate
from service.corrections.redaction import redacted

if TYPE_CHECKING:  # torch is a second of import that reviewing does without
    from model.parser import Parse

Status = Literal["pending", "accepted", "rejected"]


class StoreError(OSError):
    """A store that cannot be had, or cannot do what was asked: why."""


class StoreFullError(StoreError):
    """As much waits for review as the settings allow."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence for review. Of one that was `sampled`, `slots` are what the model said, for a person to confirm.

    `before` is what the model said when it came, each slot with its confidence.
    """

    sampled: bool
    text: str
    lang: str
    requested_slot: str | None
    slots: tuple[Span, ...]
    before: list[dict[str, Any]]
    model_name: str
    model_version: str
    created: str  # as moments are here: ISO 8601, UTC, microseconds
    who: str | None = None  # what tells the key that sent it, never the key
    note: str | None = None
    status: Status = "pending"
    count: int = 1  # how often it came
    decided: str | None = None
    decided_by: str | None = None

    @property
    def id(self) -> str:
        """Of what is said: the same correction always has the same one."""
        return _digest(self.sampled, self.sentence, [tuple(span) for span in self.slots])[:16]

    @property
    def sentence(self) -> str:
        """Of what was corrected: two of the same sentence cannot both be right."""
        return _digest(self.text, self.lang, self.requested_slot)

    @property
    def place(self) -> str:
        """In the order of time."""
        return self.created + self.id

    def redacted(self) -> Self:
        """As it may be stored."""
        return replace(self, text=redacted(self.text), note=self.note and redacted(self.note))

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "sampled": self.sampled,
            "status": self.status,
            "count": self.count,
            "text": self.text,
            "lang": self.lang,
            "requested_slot": self.requested_slot,
            "slots": [span._asdict() for span in self.slots],
            "before": self.before,
            "model": {"name": self.model_name, "version": self.model_version},
            "note": self.note,
            "who": self.who,
            "created": self.created,
            "decided": self.decided,
            "decided_by": self.decided_by,
        }

    def to_row(self) -> Row:
        """To train on."""
        extra: dict[str, Any] = {"source": "corrections"}
        if self.requested_slot is not None:
            extra["context"] = {"requested_slot": self.requested_slot}
        return Row(f"corrections-{self.id}", self.text, self.lang, self.slots, extra=extra)


def correction_of(
    parse: "Parse",
    requested_slot: str | None,
    slots: tuple[Span, ...] | None = None,
    who: str | None = None,
    note: str | None = None,
) -> Correction:
    """A parse with the slots that it should have had; sampled where nobody said which."""
    said = [(Span(slot.slot, slot.start, slot.end), round(slot.confidence, 4)) for slot in parse.slots]
    return Correction(
        sampled=slots is None,
        text=parse.text,
        lang=parse.lang,
        requested_slot=requested_slot,
        slots=tuple(span for span, _ in said) if slots is None else slots,
        before=[span._asdict() | {"confidence": confidence} for span, confidence in said],
        model_name=parse.model.name,
        model_version=parse.model.version,
        created=moment_of(datetime.now(UTC)),
        who=who,
        note=note,
    )


def slot_problems(text: str, spans: tuple[Span, ...], catalogue: Catalogue) -> list[str]:
    """What `slotwise data validate` would call an error in a row of these spans."""
    findings = validate({"": [Row("", text, "", spans)]}, catalogue)
    return [finding.detail for finding in findings if finding.severity == "error"]


def moment_of(time: datetime) -> str:
    """An aware time as the store has it; text of one length, so that the order of the text is that of time."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _digest(*parts: object) -> str:
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()
