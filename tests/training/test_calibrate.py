from dataclasses import replace
from pathlib import Path

import torch

from data.generator import generate
from model.bundle import Calibration, load_bundle
from model.parser import Parser
from training.calibrate import fit_calibration
from training.evaluate import evaluate

UNCALIBRATED = Calibration(min_presence=0.9)


def parser_with(bundle_path: Path, calibration: Calibration) -> Parser:
    bundle = load_bundle(bundle_path, "cpu")
    manifest = bundle.manifest.model_copy(update={"calibration": calibration})
    return Parser(replace(bundle, manifest=manifest), torch.device("cpu"))


def test_fitting_brings_confidence_nearer_to_what_is_right(tiny_bundle: Path) -> None:
    rows = list(generate(2_400, seed=77))
    raw = parser_with(tiny_bundle, UNCALIBRATED)
    fitted = fit_calibration(raw, {"generated": rows[:1_200]})
    fresh = {"generated": rows[1_200:]}
    calibrated = parser_with(tiny_bundle, fitted)
    assert evaluate(calibrated, fresh).reliability.error < 0.1
    assert evaluate(calibrated, fresh).reliability.error <= evaluate(raw, fresh).reliability.error + 0.01


def test_nothing_to_learn_from_changes_nothing(tiny_bundle: Path) -> None:
    assert fit_calibration(parser_with(tiny_bundle, UNCALIBRATED), {}) == UNCALIBRATED
