from data.tokens import tokenize
from model.features import Featurizer
from model.pieces import train_pieces
from model.vocabulary import UNKNOWN, Vocabulary
from training.stream import SENTENCE_END, texts_to_text

FEATURIZER = Featurizer(Vocabulary(("to", "from", "oslo")), train_pieces({"to": 3, "from": 3, "oslo": 2}, 40))


def test_a_stream_is_all_sentences_with_an_end_before_the_first_and_behind_each() -> None:
    text = texts_to_text(["to Oslo", "from Rome to Oslo", ""], FEATURIZER)
    to, from_, oslo = (FEATURIZER.vocabulary.id_of(word) for word in ("to", "from", "oslo"))
    end = SENTENCE_END
    assert text.ids().tolist() == [end, to, oslo, end, from_, UNKNOWN, to, oslo, end, end]
    assert text.forms.words[text.stream([1])].tolist() == [end, from_, UNKNOWN, to, oslo, end]


def test_a_token_looks_as_it_does_to_the_tagger() -> None:
    text = texts_to_text(["to Oslo TO", "Oslo"], FEATURIZER)
    [token] = [tokens for tokens in text.sentences if len(tokens) == 2]
    for ours, theirs in zip(text.forms, FEATURIZER.features_of(tokenize("Oslo")), strict=True):
        assert ours[token[:1]].tolist() == theirs.tolist()
        assert not ours[token[1]].any()  # the end looks like nothing
    assert len(text.forms.words) == 1 + len(["to", "Oslo", "TO", "Oslo"])
