"""spaCy's DocBin (.spacy files) to rows and back, by spaCy itself, which is an extra: pip install 'slotwise[spacy]'.

A row is a Doc: its tokens are ours, cut where a span begins or ends, white space too, so that Doc.text is the text;
spans are `ents`, the intent is the one category. Offsets (`start_char`) are code points. `user_data` holds the rest of
a row. Source: spacy.io/api/docbin and /api/doc.
"""

import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

from data.files import whole_file
from data.formats.exchange import REST, Conversion, checked, numbered, parse_json, rest_of, sentence_to_row
from data.rows import Row
from data.tags import Span
from data.tokens import tokenize


def _spacy() -> Any:
    try:
        import spacy.tokens
        import spacy.vocab
    except ImportError:
        raise ValueError("spaCy is not installed: pip install 'slotwise[spacy]'") from None
    return spacy


def read_docbin(path: Path, conversion: Conversion) -> Iterator[Row]:
    spacy = _spacy()
    losses = conversion.losses
    try:
        docs = spacy.tokens.DocBin().from_bytes(path.read_bytes())
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ValueError(f"{path}: no DocBin: {error}") from None
    for number, doc in enumerate(docs.get_docs(spacy.vocab.Vocab()), start=1):
        where = f"{path}: doc {number}"
        rest = checked(parse_json(str(doc.user_data.pop(REST, "{}")).encode(), where), dict, f"{where}: {REST}")
        for key in doc.user_data:
            losses.add("user data", key)
        for name, group in doc.spans.items():
            losses.add(f"spans of the group {name}", ", ".join(f"{span.text} = {span.label_}" for span in group))
        for annotation in ("TAG", "POS", "DEP", "LEMMA", "MORPH"):
            if doc.has_annotation(annotation):
                losses.add(f"annotations of tokens, {annotation}", doc.text)
        for entity in doc.ents:
            if entity.kb_id_ or entity.ent_id_:
                losses.add("ids of entities", f"{entity.text} = {entity.kb_id_ or entity.ent_id_}")
        spans = [Span(entity.label_, entity.start_char, entity.end_char) for entity in doc.ents]
        intents = [name for name, score in doc.cats.items() if score == 1]
        for name, score in doc.cats.items():
            if score and intents != [name]:
                losses.add("categories", f"{name} = {score}")
        fields = {"id": numbered(path, number), "lang": conversion.lang} | rest
        if row := sentence_to_row(doc.text, spans, fields, intents[0] if len(intents) == 1 else None, losses):
            yield row


def write_docbin(path: Path, rows: Iterable[Row], conversion: Conversion) -> None:
    spacy = _spacy()
    vocab = spacy.vocab.Vocab()
    docs = spacy.tokens.DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for row in rows:
        words, spaces = row_to_words(row)
        doc = spacy.tokens.Doc(vocab, words=words, spaces=spaces)
        doc.set_ents([doc.char_span(span.start, span.end, label=span.slot) for span in row.slots])
        if row.intent is not None:
            doc.cats = {row.intent: 1.0}
        doc.user_data[REST] = orjson.dumps(rest_of(row)).decode()
        docs.add(doc)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(docs.to_bytes())


def row_to_words(row: Row) -> tuple[list[str], list[bool]]:
    """Words and whether a space follows each; joined so, they are the text. Other white space is words of its own."""
    edges = {0, len(row.text)}
    edges |= {edge for token in tokenize(row.text) for edge in (token.start, token.end)}
    edges |= {edge for span in row.slots for edge in (span.start, span.end)}
    words: list[str] = []
    spaces: list[bool] = []
    for start, end in pairwise(sorted(edges)):
        piece = row.text[start:end]
        if words and piece.startswith(" ") and not piece.strip():
            spaces[-1] = True
            piece = piece[1:]
        if piece:
            words.append(piece)
            spaces.append(False)
    return words, spaces
