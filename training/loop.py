"""Rows to a bundle: the training loop, with checkpoints that resume to the same result."""

import copy
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import nlargest
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from data.catalogue import Catalogue
from data.files import whole_file
from data.generator import is_generated
from data.rows import Row
from data.tags import Span, tag_names
from model.bundle import Bundle, Calibration, Manifest, SmokeSentence, save_bundle
from model.crf import Taught
from model.features import Featurizer, to_device
from model.parser import Parser
from model.request import request_of
from model.tagger import Tagger
from training.calibrate import fit_calibration
from training.config import Config, LoopConfig, TrackingConfig, catalogue_of
from training.corpus import Corpus, gather
from training.distributed import Ranks
from training.examples import Example, ExampleMaker, collate
from training.featurizer import texts_to_featurizer
from training.metrics import score
from training.precision import autocast_of
from training.pretraining import Start
from training.teachers import Teachers
from training.tracking import Track, tracked
from training.vectors import Vectors

UNCALIBRATED = Calibration()
SMOKE_SENTENCES = 8  # a language
SMOKE_CHARACTERS = 80
_ASIDE = {"output", "tracking"}  # what of a config says nothing about the weights


@dataclass(frozen=True)
class Evaluated:
    """One evaluation on dev: quality by source (see `_quality`) and their mean, by which the model is chosen."""

    step: int
    loss: float
    f1: float
    sources: dict[str, float]

    def figures(self) -> dict[str, float]:
        """By name, for a Track."""
        return {"loss": self.loss, "dev_f1": self.f1} | {f"dev_f1.{name}": f1 for name, f1 in self.sources.items()}


ALONE = Ranks(torch.device("cpu"))


def train(config: Config, config_path: Path, resume: bool = False, quiet: bool = False, ranks: Ranks = ALONE) -> Path:
    """Train as the config says and write the bundle; returns its path.

    A checkpoint stands beside the bundle (`NAME.checkpoint`) until the bundle is written; with `resume` the run goes on
    from it and ends with the same weights as one that was never interrupted (on a GPU, nearly the same). Several
    `ranks` divide each batch among them and get what one would; the first one writes.
    """
    torch.set_num_threads(config.training.threads)
    torch.manual_seed(config.seed)
    catalogue = catalogue_of(config, config_path)
    corpus = gather(config, config_path, catalogue)
    start = Start.read(config_path.parent / config.training.start, config.model) if config.training.start else None
    teacher_paths = [config_path.parent / path for path in config.training.teachers]
    teachers = Teachers.read(teacher_paths, catalogue, ranks.device) if teacher_paths else None
    begun = start or teachers  # a config names one of them at most
    vectors_path = config.vocabulary.vectors
    fixed = config.model.vector_size
    vectors = Vectors.read(config_path.parent / vectors_path, fixed or config.model.word_size) if vectors_path else None
    texts = (row.text for row in corpus.train)
    featurizer = (
        begun.featurizer
        if begun
        else texts_to_featurizer(texts, config.vocabulary, vectors.words if vectors else (), learned=not fixed)
    )
    maker = ExampleMaker(featurizer, catalogue)
    examples = maker.examples_of(corpus.train)
    if not examples:
        raise ValueError(f"{config_path}: no row to train on")
    if not corpus.dev:
        raise ValueError(f"{config_path}: no dev row to choose the weights by; name data.dev or raise data.held_out")
    tagger = Tagger(
        config.model,
        len(featurizer.vocabulary),
        featurizer.piece_ids,
        len(tag_names(catalogue.slot_names)),
        len(catalogue.intents),
        len(featurizer.vocabulary.given),
    )
    if begun:
        begun.load_into(tagger)
    if vectors:
        vectors.load_into(tagger, featurizer.vocabulary)
    output = config_path.parent / config.output
    output.parent.mkdir(parents=True, exist_ok=True)
    run = _Run(config, tagger, featurizer, catalogue, corpus, begun, output.with_suffix(".checkpoint"), ranks)
    if resume:
        run.restore()
    tracking = config.tracking if ranks.is_first else TrackingConfig()
    with tracked(tracking, config, config_path, f"{config.name}-{_fingerprint(config, run.digest)}", run.step) as track:
        run.fit(examples, track, quiet or not ranks.is_first)
    if not ranks.is_first:
        return output
    averaged = run.best_tagger()
    trained_on = {
        "rows": corpus.counts,
        "digest": corpus.digest,
        "start": {"digest": start.digest} | start.pretraining if start else None,
        "teachers": [bundle.manifest.version for bundle in teachers.bundles] if teachers else [],
        "misaligned_rows_left_out": maker.misaligned,
        "config": config.model_dump(mode="json", exclude=_ASIDE),
        "history": [vars(evaluated) for evaluated in run.history],
    }
    said_from = Calibration(
        min_presence=config.training.min_presence, min_presence_asked=config.training.min_presence_asked
    )
    bundle = finished(run.bundle(averaged, trained_on, said_from), corpus.dev)
    save_bundle(output, bundle)
    run.checkpoint.unlink(missing_ok=True)
    return output


def finished(bundle: Bundle, dev: dict[str, list[Row]]) -> Bundle:
    """The bundle with what its dev rows tell once it is trained: the calibration, and smoke sentences."""
    parser = Parser(bundle, torch.device("cpu"))
    of_dev = {"calibration": fit_calibration(parser, dev), "smoke": smoke_sentences(parser, dev)}
    return replace(bundle, manifest=bundle.manifest.model_copy(update=of_dev))


def smoke_sentences(parser: Parser, dev: dict[str, list[Row]]) -> tuple[SmokeSentence, ...]:
    """The surest of the short dev sentences that `parser` gets right, of each language; generated ones where there are.

    A bundle shows them to everybody, and real sentences may be somebody's.
    """
    every = [row for rows in dev.values() for row in rows if len(row.text) <= SMOKE_CHARACTERS]
    rows = [row for row in every if is_generated(row)] or every
    sure: dict[str, list[tuple[float, SmokeSentence]]] = {}
    for row, parse in zip(rows, parser.parse_requests([request_of(row) for row in rows]), strict=True):
        found = tuple((slot.slot, slot.start, slot.end) for slot in parse.slots)
        if found and found == tuple(map(tuple, row.slots)):
            least = min(slot.confidence for slot in parse.slots)
            one = SmokeSentence(text=row.text, lang=row.lang, requested_slot=row.requested_slot, slots=found)
            sure.setdefault(row.lang, []).append((least, one))
    best = (nlargest(SMOKE_SENTENCES, each, key=itemgetter(0)) for each in sure.values())
    return tuple(one for _, one in chain.from_iterable(best))


class _Run:
    """All that changes while training, so that one file can hold it."""

    def __init__(
        self,
        config: Config,
        tagger: Tagger,
        featurizer: Featurizer,
        catalogue: Catalogue,
        corpus: Corpus,
        begun: Start | Teachers | None,
        checkpoint: Path,
        ranks: Ranks,
    ) -> None:
        self.config, self.corpus, self.checkpoint = config, corpus, checkpoint
        self.featurizer, self.catalogue = featurizer, catalogue
        self.teachers = begun if isinstance(begun, Teachers) else None
        self.digest = corpus.digest + (begun.digest if begun else "")
        if ranks.tell(self.digest) != self.digest:
            raise ValueError(f"process {ranks.rank} has other rows, another start or other teachers than the first one")
        self.ranks = ranks
        if not ranks.is_first:
            torch.manual_seed(config.seed * 1_000_003 + ranks.rank)  # each drops something else
        self.tagger = tagger.to(ranks.device)
        self.average = copy.deepcopy(tagger).eval().requires_grad_(False)
        self.loss = ranks.loss_of(tagger)
        self.autocast = autocast_of(config, ranks.device)
        self.best: dict[str, Tensor] = {}
        self.step = 0
        self.history: list[Evaluated] = []
        settings = config.training
        self.optimizer = torch.optim.AdamW(
            tagger.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: _rate(step, settings))

    def fit(self, examples: list[Example], track: Track, quiet: bool) -> None:
        """Steps until the last one, or until patience is out."""
        settings = self.config.training
        losses: list[Tensor] = []
        batches = _batches(examples, settings.batch_size, self.config.seed, self.step)
        with tqdm(total=settings.steps, initial=self.step, unit="step", disable=quiet or None) as bar:
            while self.step < settings.steps and not self._out_of_patience():
                losses.append(self._learn(next(batches)))
                bar.update()
                if self.step % settings.evaluate_every == 0 or self.step == settings.steps:
                    self._evaluate(self.ranks.mean(losses))
                    track(self.step, self.history[-1].figures())
                    losses.clear()
                    bar.set_postfix(f1=f"{self.history[-1].f1:.4f}", best=f"{max(e.f1 for e in self.history):.4f}")
                    self._save()

    def _learn(self, examples: list[Example]) -> Tensor:
        settings, ranks = self.config.training, self.ranks
        self.tagger.train()
        part, weight = ranks.part(examples)
        batch, *labels = collate(part)
        batch, labels = batch.to(ranks.device), [to_device(each, ranks.device) for each in labels]
        taught = Taught(self.teachers.marginals(batch), settings.taught) if self.teachers else None
        with self.autocast:
            loss: Tensor = self.loss(batch, *labels, taught) * weight
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.tagger.parameters(), settings.clip)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        # A young average forgets faster, else it would hold on to the random start.
        decay = min(settings.averaging, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.tagger.parameters(), strict=True):
                mean.lerp_(value, 1 - decay)
        return loss.detach()

    def _evaluate(self, loss: float) -> None:
        sources: dict[str, float] = {}
        if self.ranks.is_first:
            parser = Parser(self.bundle(self.average, {}), self.ranks.device)
            sources = {source: round(_quality(parser, rows), 5) for source, rows in self.corpus.dev.items()}
        sources = self.ranks.tell(sources)
        mean = sum(sources.values()) / len(sources) if sources else 0.0
        evaluated = Evaluated(self.step, round(loss, 4), round(mean, 5), sources)
        if evaluated.f1 > max((earlier.f1 for earlier in self.history), default=-1.0):
            self.best = {name: value.clone() for name, value in self.average.state_dict().items()}
        self.history.append(evaluated)

    def _out_of_patience(self) -> bool:
        best = max(range(len(self.history)), key=lambda index: self.history[index].f1, default=0)
        return len(self.history) - 1 - best >= self.config.training.patience

    def best_tagger(self) -> Tagger:
        self.average.load_state_dict(self.best)
        return self.average.cpu()

    def bundle(self, tagger: Tagger, trained_on: dict[str, Any], calibration: Calibration = UNCALIBRATED) -> Bundle:
        config = self.config
        today = datetime.now(UTC).date()
        best = max(self.history, key=lambda evaluated: evaluated.f1, default=None)
        manifest = Manifest(
            name=config.name,
            version=f"{today:%Y.%m.%d}-{_fingerprint(config, self.digest)}",
            languages=config.languages,
            architecture=config.model,
            created=today,
            trained_on=trained_on,
            scores={"dev_f1": best.f1, "dev_f1_by_source": best.sources} if best else {},
            calibration=calibration,
            credits=config.credits,
        )
        return Bundle(tagger, self.featurizer, self.catalogue, manifest)

    def _save(self) -> None:
        random = self.ranks.gather(torch.get_rng_state())
        if not self.ranks.is_first:
            return
        state = {
            "digest": self.digest,
            "config": self.config.model_dump(mode="json"),
            "step": self.step,
            "tagger": self.tagger.state_dict(),
            "average": self.average.state_dict(),
            "best": self.best,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "random": random,
            "history": [vars(evaluated) for evaluated in self.history],
        }
        with whole_file(self.checkpoint) as file:
            torch.save(state, file)

    def restore(self) -> None:
        """Go on from the checkpoint; ValueError if there is none, or it belongs to other rows or another config."""
        state = self.ranks.tell(self._read_checkpoint() if self.ranks.is_first else {})
        self.step, self.best = state["step"], state["best"]
        self.history = [Evaluated(**evaluated) for evaluated in state["history"]]
        self.tagger.load_state_dict(state["tagger"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        if len(state["random"]) == self.ranks.world:
            torch.set_rng_state(state["random"][self.ranks.rank])

    def _read_checkpoint(self) -> dict[str, Any]:
        if not self.checkpoint.is_file():
            raise ValueError(f"nothing to resume: no checkpoint at {self.checkpoint}")
        state: dict[str, Any] = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        if state["digest"] != self.digest:
            raise ValueError(
                f"{self.checkpoint} was made from other rows, another start or other teachers than the config names now"
            )
        if state["config"] != self.config.model_dump(mode="json"):
            raise ValueError(f"{self.checkpoint} was made with another config")
        return state


def _fingerprint(config: Config, digest: str) -> str:
    """Eight letters that differ where the rows, the start or the config do."""
    said = config.model_dump_json(exclude=_ASIDE) + digest
    return hashlib.blake2b(said.encode(), digest_size=4).hexdigest()


def _rate(step: int, settings: LoopConfig) -> float:
    """Share of the learning rate: a linear rise, then a cosine to zero."""
    if step < settings.warmup:
        return (step + 1) / settings.warmup
    done = (step - settings.warmup) / max(1, settings.steps - settings.warmup)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def _batches(examples: list[Example], size: int, seed: int, skip: int) -> Iterator[list[Example]]:
    """Endless passes, each in a new order, without the first `skip` batches.

    Shuffled, then sorted by length within stretches of 50 batches: little padding, still random. The order depends on
    the seed and the pass alone, so a resumed run sees what the uninterrupted one would have seen.
    """
    per_pass = max(1, len(examples) // size)
    first_pass, first_batch = divmod(skip, per_pass)
    number = first_pass
    while True:
        generator = torch.Generator().manual_seed(seed * 1_000_003 + number)
        order = torch.randperm(len(examples), generator=generator).tolist()
        batches: list[list[int]] = []
        for start in range(0, len(order), 50 * size):
            stretch = sorted(order[start : start + 50 * size], key=lambda index: len(examples[index].tags))
            batches += [stretch[at : at + size] for at in range(0, len(stretch), size)]
        places = torch.randperm(len(batches), generator=generator).tolist()[:per_pass]
        for place in places[first_batch:] if number == first_pass else places:
            yield [examples[index] for index in batches[place]]
        number += 1


def _quality(parser: Parser, rows: list[Row]) -> float:
    """Strict span F1; for a source of negatives, which has none, the share of rows left without a slot."""
    parses = parser.parse_requests([request_of(row) for row in rows])
    predictions = [[Span(slot.slot, slot.start, slot.end) for slot in parse.slots] for parse in parses]
    scores = score(rows, predictions, parser.catalogue)
    return scores.f1 if scores.spans.gold else scores.frames_right / scores.rows
