from data.catalogue import load_catalogue
from data.rows import Row
from data.tags import Span, tag_names
from model.features import Featurizer
from model.pieces import train_pieces
from model.vocabulary import Vocabulary
from training.examples import ExampleMaker, collate

CATALOGUE = load_catalogue()
TAGS = tag_names(CATALOGUE.slot_names)


def maker() -> ExampleMaker:
    return ExampleMaker(Featurizer(Vocabulary(("to",)), train_pieces({"to": 3, "york": 2}, 40)), CATALOGUE)


def test_a_row_where_all_was_looked_for_leaves_one_tag_a_token() -> None:
    row = Row("1", "to New York", "en", (Span("destination", 3, 11),))
    (example,) = maker().examples_of([row])
    _, possible, _ = collate([example])
    assert possible.sum(dim=2).tolist() == [[1, 1, 1]]
    assert [TAGS[tag] for tag in possible[0].int().argmax(dim=1)] == ["O", "B-destination", "I-destination"]


def test_what_a_source_never_labels_stays_possible_outside_its_spans() -> None:
    row = Row("1", "to York", "en", (Span("destination", 3, 7),), labelled=("destination", "origin"))
    _, possible, _ = collate(maker().examples_of([row]))
    outside = {TAGS[tag] for tag in possible[0, 0].nonzero().flatten()}
    assert "B-price" in outside
    assert "O" in outside
    assert "B-origin" not in outside
    assert possible[0, 1].sum() == 1


def test_a_row_that_no_tags_can_say_is_left_out_and_counted() -> None:
    made = maker()
    assert made.examples_of([Row("1", "toYork", "en", (Span("destination", 2, 6),))]) == []
    assert made.misaligned == 1


def test_padding_is_labelled_outside() -> None:
    _, possible, _ = collate(maker().examples_of([Row("1", "to", "en"), Row("2", "to York to", "en")]))
    assert possible[0, 1:].int().argmax(dim=1).tolist() == [0, 0]
    assert possible[0, 1:].sum(dim=1).tolist() == [1, 1]
