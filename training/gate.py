"""A candidate's figures to a verdict: may it take the place of the current bundle?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from training.config import GateConfig
from training.evaluate import Evaluation
from training.versus import Versus, false_positives, slot_f1


class Rule(NamedTuple):
    """What was asked of a candidate, and what it showed."""

    name: str
    measured: str
    limit: str
    passed: bool


@dataclass(frozen=True)
class Cost:
    """What a bundle costs: megabytes of its file, and CPU milliseconds a sentence in batches."""

    megabytes: float
    milliseconds: float


def judge(
    config: GateConfig,
    candidate: Evaluation,
    failed_behaviours: Sequence[str],
    versus: Versus | None,
    cost: Cost,
    current_cost: Cost | None = None,
) -> tuple[Rule, ...]:
    """Every rule, passed or not; those that compare only where there is a current bundle."""
    error = candidate.reliability.error
    rules = [
        _at_most("expected calibration error", error, config.calibration_error, "{:.3f}"),
        _at_most("megabytes of the bundle", cost.megabytes, config.megabytes, "{:.1f}"),
        Rule("behavioural tests", ", ".join(failed_behaviours) or "all pass", "all pass", not failed_behaviours),
    ]
    if versus is not None:
        rules += _beside(config, versus)
    if current_cost is not None:
        slower = cost.milliseconds / current_cost.milliseconds
        rules.append(_at_most("time a sentence, of the current one's", slower, config.slowdown, "{:.2f}"))
    return tuple(rules)


def reason(rules: Sequence[Rule]) -> str | None:
    """Why a candidate is refused, in a line; None where it is not."""
    failed = [f"{rule.name}: {rule.measured} (limit {rule.limit})" for rule in rules if not rule.passed]
    return "; ".join(failed) or None


def _beside(config: GateConfig, versus: Versus) -> Iterator[Rule]:
    f1 = versus.f1
    told = f"{100 * f1.difference:+.2f} points, p = {f1.p_value:.3f}"
    yield Rule("overall F1", told, f"-{100 * config.margin:.2f} points", f1.difference >= -config.margin)
    for slot, before, after, spans in slot_f1(versus):
        if spans >= config.slot_spans:
            limit = f"-{100 * config.slot_margin:.1f} points"
            told = f"{100 * (after - before):+.1f} points on {spans} spans"
            yield Rule(f"F1 of {slot}", told, limit, after - before >= -config.slot_margin)
    fewer, more = (false_positives(one.overall) for one in (versus.before, versus.after))
    if fewer is not None and more is not None:
        told, limit = f"{100 * more:.1f} % after {100 * fewer:.1f} %", f"+{100 * config.false_positives:.1f} points"
        yield Rule("rows without a slot in which one is found", told, limit, more - fewer <= config.false_positives)


def _at_most(name: str, measured: float, limit: float, form: str) -> Rule:
    return Rule(name, form.format(measured), form.format(limit), measured <= limit)
