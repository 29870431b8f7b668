from collections.abc import Iterator

import pytest

from tests.docs.runner import Runner


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """Runs the documents' commands beside a service, to which somebody has sent a correction."""
    with Runner.beside_a_service(tmp_path_factory.mktemp("docs")) as runner:
        runner.correct()
        yield runner
