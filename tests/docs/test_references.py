"""The references say what the service and the commands say.

make test-docs
"""

import pytest

from tests.docs.references import DOCS, REFERENCES


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_is_what_is_generated(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == REFERENCES[name](), "run `make docs` and look at what changed"
