from training.config import VocabularyConfig
from training.featurizer import texts_to_featurizer


def test_words_are_counted_over_all_texts_and_han_characters_make_no_pieces() -> None:
    made = texts_to_featurizer(["To Oslo", "to Rome to 北京", "北 oslo"], VocabularyConfig(words=3, pieces=100))
    assert made.vocabulary.words == ("to", "oslo", "北")
    assert "北" not in str(made.pieces.model, "utf-8", "ignore")
