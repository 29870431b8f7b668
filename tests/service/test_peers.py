import pytest

from data.generator import generate
from model.parser import Parser
from service import peers

ROWS = list(generate(120, seed=5))


@pytest.mark.parametrize("missing", ["pycrfsuite", "spacy"])
def test_a_peer_that_is_not_installed_is_named_with_its_extra(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(peers, "import_module", absent)
    with pytest.raises(peers.PeersError, match=rf"{missing} is not installed.*slotwise\[peers\]"):
        peers._imported(missing)


def test_rows_without_slots_teach_no_peer(parser: Parser) -> None:
    with pytest.raises(peers.PeersError, match="rows with slots"):
        peers.bench_peers(parser, [row for row in ROWS if not row.slots], ROWS)


def test_features_are_of_the_word_and_of_two_on_either_side() -> None:
    first, *_, last = peers._features(["To", "New", "York", "on", "3"])
    assert {"w=to", "as=To", "shape=Aa", "1:w=new", "2:w=york", "-1:w="} <= set(first)
    assert {"shape=0", "-2:w=york", "-1:w=on", "1:w="} <= set(last)


def test_each_peer_is_timed_beside_the_parser(parser: Parser, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pycrfsuite")
    pytest.importorskip("spacy")
    monkeypatch.setattr(peers, "REPEATS", 1)
    figures = peers.bench_peers(parser, ROWS[:80], ROWS[80:])
    taggers = figures["taggers"]
    assert list(taggers) == ["slotwise", "CRFsuite", "spaCy"]
    assert all(value > 0 for one in taggers.values() for value in one.values())
    ratio = taggers["CRFsuite"]["batched"] / taggers["slotwise"]["batched"]
    assert figures["ratios"]["batched, CRFsuite"] == pytest.approx(ratio)
    assert peers.peers_table(figures).row_count == 4
