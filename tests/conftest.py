import os
import shutil
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Before torch comes: on a busy machine its threads spend minutes waiting for each other, for tensors that need none.
os.environ.setdefault("OMP_NUM_THREADS", "1")
CHROMIUM = shutil.which(os.environ.get("CHROMIUM") or "chromium")

TINY_CONFIG = """
name = "tiny"
seed = 5
output = "tiny.pt"
credits = ["generated sentences"]

[data]
generated = 3000
answers = 600
dev_rows = 60

[vocabulary]
words = 1500
pieces = 400
pairs = 300

[model]
layers = 1
hidden = 48
word_size = 32
piece_size = 24
shape_size = 8
dropout = 0.1

[training]
steps = 800
batch_size = 32
learning_rate = 0.01
warmup = 20
averaging = 0.95
evaluate_every = 400
threads = 1
"""


@pytest.fixture(scope="session")
def tiny_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config that trains in seconds, to a tagger that gets easy sentences right."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.toml"
    path.write_text(TINY_CONFIG)
    return path


@pytest.fixture(scope="session")
def tiny_bundle(tiny_config: Path) -> Path:
    """The path of a bundle that the real training loop wrote."""
    from training.config import read_config
    from training.loop import train

    return train(read_config(tiny_config), tiny_config, quiet=True)


@pytest.fixture(scope="session")
def slotwise() -> Path:
    """The command, to run as a process."""
    return Path(sysconfig.get_path("scripts")) / "slotwise"


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: make test-browser")
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH: install it, or name it by the variable CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()
