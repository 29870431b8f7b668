"""Dev rows to a calibration: which confidence a span probability deserves."""

import torch

from data.generator import is_generated
from data.rows import Row
from model.bundle import Calibration
from model.parser import Parser
from model.request import request_of


def fit_calibration(parser: Parser, dev: dict[str, list[Row]]) -> Calibration:
    """Platt scaling (Platt, 1999) of the span probabilities of what `parser`, itself not calibrated, says on `dev`.

    Generated rows count only where there are no others: nobody mislabelled them, and nobody talks quite like them, so
    they make the parser surer than it is of real sentences. What is never said needs no confidence, so the least
    presences stay.
    """
    uncalibrated = parser.manifest.calibration
    assert (uncalibrated.slope, uncalibrated.offset) == (1, 0)
    logits: list[float] = []
    right: list[float] = []
    real = {source: [row for row in rows if not is_generated(row)] for source, rows in dev.items()}
    for rows in (real if any(real.values()) else dev).values():
        parses = parser.parse_requests([request_of(row) for row in rows])
        for row, parse in zip(rows, parses, strict=True):
            gold = set(row.slots)
            for slot in parse.slots:
                if row.looks_for(slot.slot):
                    logits.append(float(torch.logit(torch.tensor(slot.confidence, dtype=torch.float64))))
                    right.append(float((slot.slot, slot.start, slot.end) in gold))
    if len(set(right)) < 2:  # nothing to tell apart
        return uncalibrated
    inputs, targets = torch.tensor(logits), torch.tensor(right)
    parameters = torch.tensor([1.0, 0.0], requires_grad=True)  # slope, offset
    optimizer = torch.optim.LBFGS([parameters], max_iter=100)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(parameters[0] * inputs + parameters[1], targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    slope, offset = parameters.tolist()
    return uncalibrated.model_copy(update={"slope": round(slope, 6), "offset": round(offset, 6)})
