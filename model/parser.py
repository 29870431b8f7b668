"""Text to slots and their values: the one way in, for serving, batch jobs and evaluation alike."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import regex
import torch

from data.catalogue import Catalogue
from data.edges import tidy
from data.tags import Span
from data.text import check_text
from data.tokens import Token, tokenize
from model.bundle import Bundle, Calibration, Manifest, load_bundle
from model.features import pad
from model.spans import PathSums, presence, span_probability
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
    alternatives: tuple[dict[str, Any], ...] = field(default=(), hash=False)

    def to_dict(self) -> dict[str, Any]:
        return {
            "slot": self.slot,
            "text": self.text,
            "start": self.start,
            "end": self.end,
            "confidence": round(self.confidence, 4),
            "value": self.value,
            "alternatives": list(self.alternatives),
        }


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

    def to_dict(self) -> dict[str, Any]:
        """The answer of the HTTP interface."""
        return {
            "text": self.text,
            "lang": self.lang,
            "slots": [slot.to_dict() for slot in self.slots],
            "frame": self.frame,
            "model": self.model._asdict(),
        }


class Parser:
    """A bundle ready to parse. One instance may serve many threads; each call is pure."""

    def __init__(self, bundle: Bundle, device: torch.device) -> None:
        self._bundle = bundle
        self._device = device
        self._slot_names = bundle.catalogue.slot_names
        self._model = ModelName(bundle.manifest.name, bundle.manifest.version)
        crf: Any = bundle.tagger.crf  # a CRF, or its scripted form
        steps: torch.Tensor = crf.transitions.detach().masked_fill(~crf.allowed, crf.forbidden)
        self._steps = steps.cpu().numpy()

    @classmethod
    def load(cls, path: Path | str, device: str = "auto") -> "Parser":
        """Read a bundle onto `device` (auto, cpu, cuda); raises model.bundle.BundleError."""
        bundle = load_bundle(Path(path), device)
        return cls(bundle, next(bundle.tagger.parameters()).device)

    @property
    def manifest(self) -> Manifest:
        return self._bundle.manifest

    @property
    def catalogue(self) -> Catalogue:
        return self._bundle.catalogue

    def parse(
        self,
        text: str,
        lang: str | None = None,
        *,
        reference_time: datetime | None = None,
        timezone: str | None = None,
        resolve: bool = True,
    ) -> Parse:
        """Slots of one text, with values where `resolve`; times count from `reference_time`, by default from now.

        Raises data.text.TextError for what is no text, ValueError for a reference time or zone that cannot be.
        """
        reference = Reference.of(reference_time, timezone) if resolve else None
        return self.parse_batch([text], [lang], [reference])[0]

    def parse_batch(
        self,
        texts: Sequence[str],
        langs: Sequence[str | None] | None = None,
        references: Sequence[Reference | None] | None = None,
    ) -> list[Parse]:
        """Slots of each text, in order. Batch mates change nothing. Raises TextError at the first bad text.

        A text whose reference is None gets no values; without references, all count from now.
        """
        tokens = [tokenize(check_text(text)) for text in texts]
        slots: list[tuple[Slot, ...]] = [()] * len(texts)
        for batch in _batches([len(sentence) for sentence in tokens]):
            found = self._tag([texts[index] for index in batch], [tokens[index] for index in batch])
            for index, sentence in zip(batch, found, strict=True):
                slots[index] = sentence
        if references is None:
            references = [Reference.of()] * len(texts)
        return [
            self._parse(text, lang or language_of(text, self.manifest.languages), found, reference)
            for text, lang, found, reference in zip(texts, langs or [None] * len(texts), slots, references, strict=True)
        ]

    def _parse(self, text: str, lang: str, slots: tuple[Slot, ...], reference: Reference | None) -> Parse:
        spans = [Span(slot.slot, slot.start, slot.end) for slot in slots]
        if reference is None:
            return Parse(text, lang, slots, frame_of_texts(text, spans, self.catalogue), self._model)
        values, frame = resolve_spans(text, lang, spans, self.catalogue, reference)
        valued = tuple(replace(slot, value=value) for slot, value in zip(slots, values, strict=True))
        return Parse(text, lang, valued, frame, self._model)

    @torch.inference_mode()
    def _tag(self, texts: Sequence[str], tokens: Sequence[list[Token]]) -> list[tuple[Slot, ...]]:
        batch = pad([self._bundle.featurizer.features_of(sentence) for sentence in tokens]).to(self._device)
        tags, emissions, alpha, beta, log_partition = (tensor.cpu().numpy() for tensor in self._bundle.tagger(*batch))
        return [
            self._slots(
                text,
                sentence,
                tags[row, :length].tolist(),
                PathSums(emissions[row, :length], alpha[row, :length], beta[row, :length], float(log_partition[row])),
            )
            for row, (text, sentence, length) in enumerate(zip(texts, tokens, map(len, tokens), strict=True))
        ]

    def _slots(self, text: str, tokens: list[Token], tags: list[int], sums: PathSums) -> tuple[Slot, ...]:
        calibration = self.manifest.calibration
        slots: list[Slot] = []
        for first, tag in enumerate(tags):
            if tag % 2 == 0:  # O, or the inside of a span: model.crf has the numbers
                continue
            last = first
            while last + 1 < len(tags) and tags[last + 1] == tag + 1:
                last += 1
            if presence(first, last, sums) < calibration.min_presence:
                continue
            confidence = calibrated(span_probability(tag, first, last, sums, self._steps), calibration)
            tidy_first, tidy_last = tidy(tokens, first, last)
            start, end = tokens[tidy_first].start, tokens[tidy_last].end
            if not slots or slots[-1].end <= start:  # the rest of a word that two spans cut belongs to the first one
                slots.append(Slot(self._slot_names[tag // 2], text[start:end], start, end, confidence))
        return tuple(slots)


def calibrated(probability: float, calibration: Calibration) -> float:
    """A probability as a confidence: of those said with 0.9, nine in ten are right."""
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    logit = math.log(probability / (1 - probability))
    return 1 / (1 + math.exp(-(calibration.slope * logit + calibration.offset)))


def language_of(text: str, languages: Sequence[str]) -> str:
    """What the answer says where a request does not: `zh` where a Han character stands, else the first other one."""
    likely = [language for language in languages if (language == "zh") == bool(_HAN.search(text))]
    return (likely or languages)[0]


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indexes in batches of like length, each within the budget of cells."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or (len(batches[-1]) + 1) * lengths[index] > _CELLS:
            batches.append([])
        batches[-1].append(index)
    return batches
