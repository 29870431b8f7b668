"""Text to slots and their values: the one way in, for serving, batch jobs and evaluation alike."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import regex
import torch

from data.catalogue import Catalogue
from data.edges import tidy, whole_words
from data.tags import Span
from data.text import check_text
from data.tokens import Token, tokenize
from model.bundle import Bundle, BundleError, Calibration, Manifest, frozen, load_bundle
from model.features import to_device
from model.reading import Reader
from model.request import Request
from model.spans import Array, PathSums, Reading, path_sums, rival_readings, span_probability, tagged_readings
from model.values.frame import frame_of_texts, resolve_spans
from model.values.times.resolve import Reference

# Cells (sentences times the longest one's tokens) of one run of the tagger: bounds memory, whatever the batch.
_CELLS = 8_192
_HAN = regex.compile(r"\p{Han}")


class ModelName(NamedTuple):
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot found: `text` is `start` to `end` (code points, half-open); `confidence` is calibrated."""

    slot: str
    text: str
    start: int
    end: int
    confidence: float
    value: dict[str, Any] | None = field(default=None, hash=False)
    alternatives: tuple["Slot", ...] = ()  # other readings of about these words, without values

    @property
    def is_close(self) -> bool:
        """Whether another reading is at least half as likely."""
        return any(other.confidence >= self.confidence / 2 for other in self.alternatives)

    def to_dict(self) -> dict[str, Any]:
        others = [other._reading_to_dict() for other in self.alternatives]
        return self._reading_to_dict() | {"value": self.value, "alternatives": others}

    def _reading_to_dict(self) -> dict[str, Any]:
        return {
            "slot": self.slot,
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "confidence": round(self.confidence, 4),
        }


class Intent(NamedTuple):
    """What a sentence is for, and the probability of that."""

    name: str
    confidence: float


class Effect(NamedTuple):
    """A word, and the probability that a span loses without it: negative if the word spoke against it."""

    text: str
    start: int
    end: int
    effect: float


@dataclass(frozen=True, slots=True)
class Parse:
    """One text, its slots in order of place, and the model that found them.

    `frame` is what a booking system wants: one combined value a slot; a list slot holds its values in order.
    """

    text: str
    lang: str
    slots: tuple[Slot, ...]
    frame: dict[str, Any]
    model: ModelName
    ask: tuple[str, ...] | None = None  # slots that are worth a question; None where no other readings were asked for
    intent: Intent | None = None  # None where the catalogue has no intents

    def to_dict(self) -> dict[str, Any]:
        """The answer of the HTTP interface."""
        answer: dict[str, Any] = {
            "text": self.text,
            "lang": self.lang,
            "slots": [slot.to_dict() for slot in self.slots],
            "frame": self.frame,
            "model": self.model._asdict(),
        }
        if self.ask is not None:
            answer["ask"] = list(self.ask)
        if self.intent is not None:
            answer["intent"] = {"name": self.intent.name, "confidence": round(self.intent.confidence, 4)}
        return answer


class Prepared(NamedTuple):
    """A request that was checked, and its tokens: whatever bundle parses it, they are the same."""

    request: Request
    tokens: list[Token]


class _Tagged(NamedTuple):
    slots: tuple[Slot, ...]
    intent: Intent | None


class _Scored(NamedTuple):
    """What the tagger says of one sentence: the best tags, what the CRF knows of it, probabilities of the intents."""

    tags: list[int]
    sums: PathSums
    intents: Array


class Parser:
    """A bundle ready to parse. One instance may serve many threads; each call is pure."""

    def __init__(self, bundle: Bundle, device: torch.device) -> None:
        self.bundle = bundle
        self.device = device
        self._slot_names = bundle.catalogue.slot_names
        self._asked: dict[str | None, int] = {None: 0} | {
            slot: number for number, slot in enumerate(self._slot_names, start=1)
        }
        self.model = ModelName(bundle.manifest.name, bundle.manifest.version)
        self._trim = tidy if bundle.catalogue.bare_edges else whole_words
        crf: Any = bundle.tagger.crf  # of model.crf, or its scripted form
        self._steps = crf.scores()[1].detach().cpu().numpy()
        self._tagger = frozen(bundle.tagger)
        with torch.inference_mode():
            self._reader = Reader(bundle.featurizer, self._tagger, device)

    @classmethod
    def load(cls, path: Path | str, device: str = "auto") -> "Parser":
        """Read a bundle onto `device` (auto, cpu, cuda); raises model.bundle.BundleError."""
        bundle = load_bundle(Path(path), device)
        return cls(bundle, next(bundle.tagger.parameters()).device)

    @property
    def manifest(self) -> Manifest:
        return self.bundle.manifest

    @property
    def catalogue(self) -> Catalogue:
        return self.bundle.catalogue

    def parse(
        self,
        text: str,
        lang: str | None = None,
        *,
        reference_time: datetime | None = None,
        timezone: str | None = None,
        resolve: bool = True,
        alternatives: int = 0,
        requested_slot: str | None = None,
    ) -> Parse:
        """Slots of one text, with values where `resolve`; times count from `reference_time`, by default from now.

        Each slot lists as many other readings as `alternatives` says; `requested_slot` is what the traveller was just
        asked for. Raises data.text.TextError for what is no text, ValueError for a reference time or zone that cannot
        be and for a slot that is not in the catalogue.
        """
        reference = Reference.of(reference_time, timezone) if resolve else None
        return self.parse_requests([Request(text, lang, reference, alternatives, requested_slot)])[0]

    def parse_batch(self, texts: Sequence[str], langs: Sequence[str | None] | None = None) -> list[Parse]:
        """Slots and values of each text, in order; times count from now. Raises TextError at the first bad text."""
        now = Reference.of()
        return self.parse_requests(
            [Request(text, lang, now) for text, lang in zip(texts, langs or [None] * len(texts), strict=True)]
        )

    def parse_requests(self, requests: Sequence[Request]) -> list[Parse]:
        """A Parse for each request, in order. Batch mates change nothing.

        Raises what `prepare` raises, at the first bad request.
        """
        return self.parse_prepared([self.prepare(request) for request in requests])

    def prepare(self, request: Request) -> Prepared:
        """Check a request and cut its text. Raises TextError; ValueError for a slot that is not in the catalogue."""
        tokens = tokenize(check_text(request.text))
        if request.requested_slot not in self._asked:
            known = ", ".join(self._slot_names)
            raise ValueError(f"requested_slot: {request.requested_slot!r} is no slot; there are {known}")
        return Prepared(request, tokens)

    def parse_prepared(self, sentences: Sequence[Prepared]) -> list[Parse]:
        """A Parse for each, in order."""
        tagged: dict[int, _Tagged] = {}
        for batch in _batches([len(sentence.tokens) for sentence in sentences]):
            found = self._tag([sentences[index] for index in batch])
            tagged |= zip(batch, found, strict=True)
        return [self._parse(sentence.request, tagged[index]) for index, sentence in enumerate(sentences)]

    def check(self) -> None:
        """Raise BundleError where the smoke sentences of the bundle do not come out as they did when it was made."""
        smoke = self.manifest.smoke
        requests = [Request(one.text, one.lang, Reference.of(), requested_slot=one.requested_slot) for one in smoke]
        for one, parse in zip(smoke, self.parse_requests(requests), strict=True):
            found = tuple((slot.slot, slot.start, slot.end) for slot in parse.slots)
            if found != one.slots:
                raise BundleError(
                    f"{self.manifest.name} {self.manifest.version} fails its smoke sentence {one.text!r}: "
                    f"{list(found)} for {list(one.slots)}"
                )

    def _parse(self, request: Request, tagged: _Tagged) -> Parse:
        text, slots = request.text, tagged.slots
        lang = request.lang or language_of(text, self.manifest.languages)
        spans = [Span(slot.slot, slot.start, slot.end) for slot in slots]
        if request.reference is None:
            frame = frame_of_texts(text, spans, self.catalogue)
        else:
            values, frame = resolve_spans(text, lang, spans, self.catalogue, request.reference)
            slots = tuple(replace(slot, value=value) for slot, value in zip(slots, values, strict=True))
        ask = tuple(dict.fromkeys(slot.slot for slot in slots if slot.is_close)) if request.alternatives else None
        return Parse(text, lang, slots, frame, self.model, ask, tagged.intent)

    def explain(self, request: Request) -> list[tuple[Slot, tuple[Effect, ...]]]:
        """Each slot of a text, and what its probability owes to each word outside of it (leave one word out)."""
        tokens = self.prepare(request).tokens
        [scored] = self._score([tokens], [request.requested_slot])
        explained = []
        for slot, reading in self._found(request, tokens, scored):
            outside = [place for place in range(len(tokens)) if not reading.first <= place <= reading.last]
            without = self._each_left_out(tokens, outside, request.requested_slot)
            effects = []
            for place, other in zip(outside, without, strict=True):
                moved = int(place < reading.first)
                edges = reading.first - moved, reading.last - moved
                lost = reading.probability - span_probability(reading.begin, *edges, other.sums, self._steps)
                effects.append(Effect(*tokens[place], lost))
            explained.append((slot, tuple(effects)))
        return explained

    def _each_left_out(
        self, tokens: list[Token], places: Sequence[int], requested_slot: str | None
    ) -> Iterator[_Scored]:
        size = max(1, _CELLS // len(tokens))
        for at in range(0, len(places), size):
            sentences = [tokens[:place] + tokens[place + 1 :] for place in places[at : at + size]]
            yield from self._score(sentences, [requested_slot] * len(sentences))

    def _tag(self, sentences: Sequence[Prepared]) -> Iterator[_Tagged]:
        scores = self._score(
            [sentence.tokens for sentence in sentences], [sentence.request.requested_slot for sentence in sentences]
        )
        for (request, tokens), scored in zip(sentences, scores, strict=True):
            slots = tuple(
                self._with_rivals(slot, reading, request, tokens, scored.sums) if request.alternatives else slot
                for slot, reading in self._found(request, tokens, scored)
            )
            yield _Tagged(slots, self._intent(scored))

    def _intent(self, scored: _Scored) -> Intent | None:
        if not len(scored.intents):
            return None
        best = int(scored.intents.argmax())
        return Intent(self.catalogue.intents[best], float(scored.intents[best]))

    @torch.inference_mode()
    def _score(self, sentences: Sequence[list[Token]], asked: Sequence[str | None]) -> list[_Scored]:
        table, forms = self._reader.read(sentences)
        spare = forms.size(0) - len(sentences)  # rows behind ours, of which nobody reads the answer
        lengths = [len(tokens) for tokens in sentences] + spare * [1]
        numbers = torch.tensor([self._asked[slot] for slot in asked] + spare * [0])
        scores = self._tagger.tag(table, forms, torch.tensor(lengths), to_device(numbers, self.device))
        tags, emissions, alpha, beta, log_partition, intents = (tensor.cpu().numpy() for tensor in scores)
        sums = path_sums(emissions, alpha, beta, log_partition, lengths[: len(sentences)])
        return [_Scored(tags[row, : lengths[row]].tolist(), of_row, intents[row]) for row, of_row in enumerate(sums)]

    def _found(self, request: Request, tokens: list[Token], scored: _Scored) -> Iterator[tuple[Slot, Reading]]:
        """The spans of the tags that are likely enough to be said, in order of place."""
        calibration = self.manifest.calibration
        presence = calibration.min_presence if request.requested_slot is None else calibration.min_presence_asked
        end = 0
        for reading in tagged_readings(scored.tags, scored.sums, self._steps, presence):
            slot = self._slot(request.text, tokens, reading)
            if end <= slot.start:  # the rest of a word that two spans cut belongs to the first one
                end = slot.end
                yield slot, reading

    def _with_rivals(self, slot: Slot, reading: Reading, request: Request, tokens: list[Token], sums: PathSums) -> Slot:
        # Readings that differ in what no span may begin or end with are one: the likeliest.
        told = {(slot.slot, slot.start, slot.end): slot}
        for rival in rival_readings(reading, sums, self._steps):
            other = self._slot(request.text, tokens, rival)
            told.setdefault((other.slot, other.start, other.end), other)
        return replace(slot, alternatives=tuple(told.values())[1 : request.alternatives + 1])

    def _slot(self, text: str, tokens: list[Token], reading: Reading) -> Slot:
        first, last = self._trim(tokens, reading.first, reading.last)
        start, end = tokens[first].start, tokens[last].end
        confidence = calibrated(reading.probability, self.manifest.calibration)
        return Slot(self._slot_names[reading.begin // 2], text[start:end], start, end, confidence)


def calibrated(probability: float, calibration: Calibration) -> float:
    """A probability as a confidence: of those said with 0.9, nine in ten are right."""
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    logit = math.log(probability / (1 - probability))
    return 1 / (1 + math.exp(-(calibration.slope * logit + calibration.offset)))


def language_of(text: str, languages: Sequence[str]) -> str:
    """What the answer says where a request does not: `zh` where a Han character stands, else the first other one."""
    han = not text.isascii() and bool(_HAN.search(text))
    likely = [language for language in languages if (language == "zh") == han]
    return (likely or languages)[0]


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indexes by falling length, in batches that are each within the budget of cells."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if not batches or (len(batches[-1]) + 1) * lengths[batches[-1][0]] > _CELLS:
            batches.append([])
        batches[-1].append(index)
    return batches
