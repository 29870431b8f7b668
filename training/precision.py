"""Mixed precision: layers' products in bfloat16 while training. Weights stay in float32, and so do sums over paths
(model.tagger.Tagger.loss)."""

import torch

from training.config import Config, ConfigError


def autocast_of(config: Config, device: torch.device) -> torch.autocast:
    """To go forward in; ConfigError where torch cannot, which is for an LSTM on a CPU without bfloat16."""
    is_mixed = config.training.precision == "bfloat16"
    if is_mixed and device.type == "cpu" and config.model.cell == "lstm" and not bfloat16_is_here():
        raise ConfigError("training.precision: this processor has no bfloat16 for an lstm; a gru does without")
    return torch.autocast(device.type, torch.bfloat16, enabled=is_mixed)


def bfloat16_is_here() -> bool:
    """Whether oneDNN has it on this processor."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
