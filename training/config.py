"""What to train, on what and how: a TOML file to a checked config."""

import difflib
import tomllib
import types
import typing
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.catalogue import TRAVEL, Catalogue, load_catalogue
from model.tagger import Architecture


class ConfigError(ValueError):
    """A config that cannot be used; one line a mistake."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Share = Annotated[float, Field(ge=0, le=1)]


class DataConfig(_Section):
    """Rows to learn from. Paths are relative to the config file; `*` is allowed in file names."""

    catalogue: str | None = Field(None, description="a catalogue TOML; none is the travel catalogue")
    rows: tuple[str, ...] = ()
    without: tuple[str, ...] = Field((), description="sources left out, by the `source` of their rows")
    dev: tuple[str, ...] = Field((), description="rows that choose the model and calibrate it, never trained on")
    held_out: Share = Field(0.1, description="share of each source, by hash of the text, that joins dev")
    dev_rows: int = Field(1_000, ge=1, description="at most so many dev rows a source")
    generated: int = Field(0, ge=0, description="sentences from the generator")
    answers: int = Field(0, ge=0, description="turns after a question, from the generator")
    copies: int = Field(0, ge=0, description="changed copies of each real row: other places, other style")
    repeat: int = Field(1, ge=1, description="how often each real row stands in one pass beside its copies")


class VocabularyConfig(_Section):
    words: int = Field(12_000, ge=1)
    min_count: int = Field(2, ge=1)
    subwords: Literal["pieces", "letters"] = Field("pieces", description="SentencePiece pieces, or letter trigrams")
    pieces: int = Field(4_000, ge=100, description="how many subwords")
    vectors: str | None = Field(
        None,
        description="word vectors as text (word2vec, GloVe), to start from or fixed (model.vector_size); their words "
        "fill up `words`",
    )
    pairs: int = Field(8_000, ge=0, description="neighbouring Han characters with an embedding of their own")


class LoopConfig(_Section):
    steps: int = Field(20_000, ge=1)
    batch_size: int = Field(64, ge=1)
    learning_rate: float = Field(2e-3, gt=0)
    warmup: int = Field(500, ge=0, description="steps of linear rise; a cosine to zero follows")
    weight_decay: float = Field(0.01, ge=0)
    clip: float = Field(1.0, gt=0, description="largest norm of the gradient")
    averaging: float = Field(0.999, ge=0, lt=1, description="decay of the weight average that is evaluated and saved")
    evaluate_every: int = Field(1_000, ge=1, description="steps between evaluations and checkpoints")
    patience: int = Field(8, ge=1, description="stop after so many evaluations without a better one")
    threads: int = Field(2, ge=1)
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="of the layers' products while training; weights, CRF and losses stay float32"
    )
    min_presence: Share = Field(
        0.9, description="a span is said where its words hold some slot with at least this probability"
    )
    min_presence_asked: Share = Field(0.8, description="the same in an answer to a question, which likely holds one")
    teachers: tuple[str, ...] = Field((), description="bundles to learn from beside the labels (training.teachers)")
    taught: Share = Field(0.8, description="share of the loss that goes by the teachers, where there are any")
    start: str | None = Field(
        None, description="first weights, and the vocabulary: what `slotwise pretrain` wrote, or a bundle"
    )


class PretrainingConfig(_Section):
    """Language models whose weights a tagger may start from (training.pretraining)."""

    output: str = Field(description="the file to write, relative to the config file, for training.start")
    texts: tuple[str, ...] = Field((), description="more rows, read for their texts alone; paths as those of data.rows")
    steps: int = Field(2_000, ge=1)
    batch_size: int = Field(32, ge=1, description="rows into which the text is cut, read side by side")
    window: int = Field(25, ge=1, description="tokens of each row in a step; the gradient goes back no further")
    learning_rate: float = Field(6e-3, gt=0)
    clip: float = Field(1.0, gt=0, description="largest norm of the gradient")
    dropout: float = Field(0.0, ge=0, lt=1, description="of what the recurrence reads and says")


class ProtocolConfig(_Section):
    """Trainings to compare: the config itself and changes of it, each with every seed (training.protocol)."""

    seeds: tuple[int, ...] = Field((1, 2, 3), min_length=1)
    test: dict[str, tuple[str, ...]] = Field(min_length=1, description="files of rows by the name of their mean")
    runs: dict[str, dict[str, Any]] = Field({}, description="by name: the keys of the config that a run changes")


class GateConfig(_Section):
    """What a candidate must show before it serves (training.gate). Shares: 0.01 is one point of F1."""

    margin: Share = Field(0.002, description="overall F1 may be lower than the current bundle's by so much")
    slot_margin: Share = Field(0.02, description="the same for each slot ...")
    slot_spans: int = Field(30, ge=1, description="... of which the rows hold at least so many")
    false_positives: Share = Field(
        0.01, description="the share of rows without a slot in which one is found may rise by"
    )
    calibration_error: Share = Field(0.05, description="largest expected calibration error")
    megabytes: float = Field(16.0, gt=0, description="largest file")
    slowdown: float = Field(1.5, gt=0, description="most CPU time a sentence, in that of the current bundle")


class RetrainConfig(_Section):
    """From corrections to a bundle that serves (training.retrain). Paths are relative to the config file."""

    registry: str = Field(description="a folder of versions, or models:/NAME; its current one is what to match")
    work: str = Field("retrain", description="folder for what the steps leave, so that a killed run goes on")
    weight: int = Field(20, ge=1, description="how often a correction stands in one pass beside the other rows")
    warm: bool = Field(False, description="start from the weights of the current bundle")
    evaluate: tuple[str, ...] = Field(min_length=1, description="rows on which candidate and current are compared")
    tests: str | None = Field(None, description="behavioural tests; none are those that come along for the catalogue")
    gate: GateConfig = GateConfig()


class TrackingConfig(_Section):
    """Who else hears of loss and dev F1 at each evaluation (training.tracking)."""

    tensorboard: str | None = Field(None, description="a folder for TensorBoard, relative to the config file")
    mlflow: str | None = Field(None, description="an experiment of MLflow, at MLFLOW_TRACKING_URI")


class Config(_Section):
    name: str = "travel"
    languages: tuple[str, ...] = Field(("en", "zh"), min_length=1)
    seed: int = 1
    output: str = Field(description="the bundle to write, relative to the config file")
    credits: tuple[str, ...] = ()
    data: DataConfig = DataConfig()
    vocabulary: VocabularyConfig = VocabularyConfig()
    model: Architecture = Architecture()
    training: LoopConfig = LoopConfig()
    pretraining: PretrainingConfig | None = None
    protocol: ProtocolConfig | None = None
    retrain: RetrainConfig | None = None
    tracking: TrackingConfig = TrackingConfig()

    @model_validator(mode="after")
    def _check_vectors(self) -> Self:
        if self.vocabulary.vectors and (self.training.start or self.pretraining or self.model.one_hot):
            raise ValueError("vocabulary.vectors excludes training.start, pretraining and model.one_hot")
        if self.training.teachers and (self.training.start or self.vocabulary.vectors):
            raise ValueError("training.teachers excludes training.start and vocabulary.vectors: theirs are the words")
        from_elsewhere = self.vocabulary.vectors or self.training.teachers or self.training.start
        if self.model.vector_size and not from_elsewhere:
            raise ValueError("model.vector_size is for the vectors that vocabulary.vectors names, and it names none")
        return self

    def changed(self, changes: dict[str, Any]) -> "Config":
        """Without protocol and retrain, and with other values for some keys; pydantic.ValidationError if wrong."""
        return Config.model_validate(_merged(self.model_dump(exclude={"protocol", "retrain"}), changes))


def _merged(record: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return record | {
        key: _merged(record[key], value) if isinstance(value, dict) and isinstance(record.get(key), dict) else value
        for key, value in changes.items()
    }


def read_config(path: Path) -> Config:
    """Read and check; ConfigError names every wrong key with the nearest right one."""
    try:
        record = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    where = str(path)
    try:
        config = Config.model_validate(record)
        for name, changes in (config.protocol.runs if config.protocol else {}).items():
            where = f"{path}: run {name!r}"  # a mistake in the last run is found before the first one starts
            config.changed(changes)
    except ValidationError as error:
        raise ConfigError(f"{where}: " + "; ".join(_explain(item) for item in error.errors())) from None
    return config


def _explain(error: Any) -> str:
    where = [str(part) for part in error["loc"]]
    if error["type"] != "extra_forbidden":
        return f"{'.'.join(where)}: {error['msg']}, not {error['input']!r}"
    right = sorted(_section(where[:-1]).model_fields)
    nearest = difflib.get_close_matches(where[-1], right, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"the keys are {', '.join(right)}"
    return f"unknown key {'.'.join(where)!r}: {hint}"


def _section(path: list[str]) -> type[BaseModel]:
    section: type[BaseModel] = Config
    for part in path:
        annotation = section.model_fields[part].annotation
        if isinstance(annotation, types.UnionType):
            annotation = typing.get_args(annotation)[0]
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        section = annotation
    return section


def catalogue_of(config: Config, config_path: Path) -> Catalogue:
    """The catalogue that the config names, or that of travel."""
    return load_catalogue(config_path.parent / config.data.catalogue if config.data.catalogue else TRAVEL)


def expand(config_path: Path, patterns: tuple[str, ...]) -> list[Path]:
    """Files that the patterns name, seen from the config file; a pattern that names none is an error."""
    files: list[Path] = []
    for pattern in patterns:
        anchor = config_path.parent / pattern
        found = sorted(anchor.parent.glob(anchor.name))
        if not found:
            raise ConfigError(f"{config_path}: no file matches {pattern!r}")
        files += found
    return files
