"""Every command of the documents is run, or stands in a list with the reason why not.

make test-docs
"""

from pathlib import Path

import pytest
import regex

from tests.docs.commands import DOCUMENTS, Command, commands_of, name_of
from tests.docs.runner import Runner

CLUSTER, GPU, NETWORK = "a cluster", "a GPU", "the network"
HOURS, CORPORA = "hours of training", "corpora that are not part of the repository"

# What is not run, by document (any: "") and the beginning of its line: what it needs, or what does the same.
LISTED = [
    ("", r"(\S*/)?(python -m )?pip install", NETWORK),
    ("", r".*\bs3://", NETWORK),
    ("", r"make ", "what `make help` says of each"),
    ("", r"\S*slotwise (train|pretrain|protocol) training/configs/", HOURS),
    ("", r"\S*slotwise benchmark ", HOURS),
    ("", r".*\.\./shared/", CORPORA),
    ("", r"\S*slotwise bench\b", "three minutes; tests/service/test_bench.py"),
    ("README.md", r"\S*slotwise (data validate|corrections list|protocol)\|", "names of commands"),
    ("docs/batch-at-scale.md", r"for file in", CLUSTER),
    ("docs/generator.md", r"\S*slotwise data stats dev/", CORPORA),
    ("docs/lectures.md", r"\S*python -m lectures", "tests/lectures"),
    ("docs/values.md", r".*python -m pytest", "make test"),
    ("docs/retraining.md", r"", "tests/retraining"),
    ("docs/deployment.md", r"", "make check-deploy, make test-deploy"),
    ("docs/gpu.md", r"", GPU),
    ("docs/domain.md", r"", "tests/docs/test_domain.py"),
    ("docs/quickstart.md", r"openapi-python-client", "tests/docs/test_client.py"),
]
SERVED = regex.compile(r"(\w+=\S+ )*\S*slotwise serve\b")


def reason_not_to_run(command: Command) -> str | None:
    for document, begins, reason in LISTED:
        if document in ("", command.document) and regex.match(begins, command.text):
            return reason
    return None


def with_commands() -> list[Path]:
    return [path for path in DOCUMENTS if any(reason_not_to_run(one) is None for one in commands_of(path))]


@pytest.mark.parametrize("document", with_commands(), ids=name_of)
def test_the_commands_of_a_document_run(document: Path, runner: Runner) -> None:
    for command in commands_of(document):
        if reason_not_to_run(command):
            continue
        if SERVED.match(command.text):
            with runner.serving(command.text):
                pass
        else:
            runner.run(command)


def test_each_line_of_the_list_is_of_a_command() -> None:
    commands = [command for document in DOCUMENTS for command in commands_of(document)]
    unused = [
        (document, begins)
        for document, begins, _ in LISTED
        if not any(document in ("", one.document) and regex.match(begins, one.text) for one in commands)
    ]
    assert unused == []
