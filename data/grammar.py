"""Weighted grammars to labelled sentences.

A grammar is text:

    # a comment
    request:
      3 | [please |]<book> {destination:<city>}[~ on {departure_time:<date>}~ from {origin:<city>}]
      1 | <book> a ticket

A line at the left margin that ends with a colon names a symbol; the indented lines below are its alternatives,
`WEIGHT | TEXT` or just TEXT (weight 1). In a TEXT
- `<symbol>` is replaced by a sample of it; `<name a b>` calls the leaf function `name` with those words;
- `{slot:TEXT}` labels what it yields;
- `[a|b|]` picks one with equal chance (an empty choice makes the rest optional);
- `[~a~b~c]` yields all of its parts in random order, joined by the grammar's joiner;
- a backslash takes the next character literally.
"""

from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import regex

from data.tags import Span

START = "start"  # the symbol that is sampled

Leaf = Callable[..., str]  # leaf(rng, *words of the call) -> text


class GrammarError(ValueError):
    """A grammar that cannot be read: file or symbol, and why."""


@dataclass(slots=True)
class _Output:
    """What was sampled so far: pieces of text, and spans over their concatenation."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[Span] = field(default_factory=list)

    def write(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)


_Node = Callable[[Random, _Output], None]  # writes its sample

_HEAD = regex.compile(r"([a-z][a-z0-9_]*):\s*$")
_ALTERNATIVE = regex.compile(r"\s+(?:(\d+(?:\.\d+)?) \| )?(.*)$")
# What joined parts leave behind: spaces at the ends, doubled, or before a closing mark; a stop after "U.S.A.".
_SPARE = regex.compile(r"^ +| +$| +(?=[ ,.?!;:])|(?<=[^.]\.)\.(?!\.)")


class Grammar:
    """Symbols and their weighted alternatives, compiled once, sampled many times."""

    def __init__(
        self,
        texts: Sequence[tuple[str, str]],
        leaves: Mapping[str, Leaf],
        joiner: str = " ",
        base: "Grammar | None" = None,
    ) -> None:
        """`texts` are (name for errors, grammar text); a symbol may stand in one of them only.

        Symbols that they lack, but for `start`, are those of `base`, which does not see theirs.
        """
        self._leaves = leaves
        self._joiner = joiner
        self._symbols: dict[str, tuple[list[float], list[list[_Node]]]] = {}
        self._used: dict[str, str] = {}  # symbol -> where it is first used
        for name, text in texts:
            self._read(name, text)
        if base:
            if START not in self._symbols:
                raise GrammarError(f"{', '.join(name for name, _ in texts) or 'no file'}: no symbol is {START!r}")
            self._symbols = base._symbols | self._symbols
        for symbol, where in self._used.items():
            if symbol not in self._symbols:
                raise GrammarError(f"{where}: <{symbol}> is neither a symbol nor a leaf")

    @classmethod
    def load(
        cls, folder: Path, leaves: Mapping[str, Leaf], joiner: str = " ", base: "Grammar | None" = None
    ) -> "Grammar":
        """All `*.grammar` files of a folder."""
        files = sorted(folder.glob("*.grammar"))
        return cls([(file.name, file.read_text(encoding="utf-8")) for file in files], leaves, joiner, base)

    def sample(self, rng: Random, symbol: str = START) -> tuple[str, list[Span]]:
        """One sentence and its spans. Spaces doubled or before `,.?!`, and doubled stops, are closed up."""
        output = _Output()
        self._expand(symbol, rng, output)
        return _closed_up("".join(output.pieces), output.spans)

    def _read(self, name: str, text: str) -> None:
        symbol = None
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            where = f"{name}:{number}"
            if head := _HEAD.fullmatch(line):
                symbol = head[1]
                if symbol in self._symbols or symbol in self._leaves:
                    raise GrammarError(f"{where}: {symbol} is defined twice")
                self._symbols[symbol] = ([], [])
                continue
            match = _ALTERNATIVE.fullmatch(line)
            if match is None or symbol is None:
                raise GrammarError(f"{where}: neither 'symbol:' nor an indented alternative: {line!r}")
            weights, alternatives = self._symbols[symbol]
            weight = float(match[1] or 1)
            weights.append((weights[-1] if weights else 0.0) + weight)
            nodes, rest = self._compile(match[2], 0, "", where)
            assert rest == len(match[2])
            alternatives.append(nodes)

    def _expand(self, symbol: str, rng: Random, output: _Output) -> None:
        weights, alternatives = self._symbols[symbol]
        choice = bisect(weights, rng.random() * weights[-1]) if len(weights) > 1 else 0
        for node in alternatives[choice]:
            node(rng, output)

    def _compile(self, text: str, at: int, until: str, where: str) -> tuple[list[_Node], int]:
        """Nodes of text[at:] up to one of the characters `until` (or the end), and where that stands."""
        nodes: list[_Node] = []
        literal = ""
        while at < len(text) and text[at] not in until:
            character = text[at]
            if character not in "<{[":
                if character in "]}":
                    raise GrammarError(f"{where}: {character!r} closes nothing")
                at += character == "\\"
                literal += text[at : at + 1]
                at += 1
                continue
            if literal:
                nodes.append(_literal(literal))
                literal = ""
            if character == "<":
                end = _find(text, ">", at, where)
                nodes.append(self._call(text[at + 1 : end].split(), where))
            elif character == "{":
                colon = _find(text, ":", at, where)
                inner, end = self._compile(text, colon + 1, "}", where)
                nodes.append(_labelled(text[at + 1 : colon], inner))
            else:
                shuffled = text[at + 1 : at + 2] == "~"
                separator = "~" if shuffled else "|"
                parts, end = [], at + shuffled
                while end == at + shuffled or text[end : end + 1] == separator:
                    inner, end = self._compile(text, end + 1, separator + "]", where)
                    parts.append(inner)
                nodes.append(_shuffled(parts, self._joiner) if shuffled else _chosen(parts))
            if end >= len(text):
                raise GrammarError(f"{where}: {character!r} at column {at + 1} is never closed")
            at = end + 1
        if literal:
            nodes.append(_literal(literal))
        return nodes, at

    def _call(self, words: list[str], where: str) -> _Node:
        if not words:
            raise GrammarError(f"{where}: <> names nothing")
        name, *arguments = words
        if leaf := self._leaves.get(name):
            return lambda rng, output: output.write(leaf(rng, *arguments))
        if arguments:
            raise GrammarError(f"{where}: {name} takes words but is no leaf; the leaves are {sorted(self._leaves)}")
        self._used.setdefault(name, where)
        return lambda rng, output: self._expand(name, rng, output)


def _find(text: str, what: str, at: int, where: str) -> int:
    end = text.find(what, at)
    if end < 0:
        raise GrammarError(f"{where}: {text[at]!r} at column {at + 1} without {what!r}")
    return end


def _literal(text: str) -> _Node:
    return lambda rng, output: output.write(text)


def _labelled(slot: str, parts: list[_Node]) -> _Node:
    def node(rng: Random, output: _Output) -> None:
        start = output.length
        for part in parts:
            part(rng, output)
        output.spans.append(Span(slot, start, output.length))

    return node


def _chosen(choices: list[list[_Node]]) -> _Node:
    def node(rng: Random, output: _Output) -> None:
        for part in choices[int(rng.random() * len(choices))]:
            part(rng, output)

    return node


def _shuffled(items: list[list[_Node]], joiner: str) -> _Node:
    def node(rng: Random, output: _Output) -> None:
        for position, index in enumerate(rng.sample(range(len(items)), len(items))):
            if position:
                output.write(joiner)
            for part in items[index]:
                part(rng, output)

    return node


def _closed_up(text: str, spans: list[Span]) -> tuple[str, list[Span]]:
    """Text without spare spaces and stops; spans moved along, without white space at their edges, none empty."""
    cuts: list[tuple[int, int]] = [match.span() for match in _SPARE.finditer(text)]

    def moved(position: int) -> int:
        return position - sum(min(end, position) - start for start, end in cuts if start < position)

    kept = []
    for span in sorted(spans, key=lambda span: span.start):
        said = text[span.start : span.end]
        start = span.start + len(said) - len(said.lstrip())
        end = span.end - len(said) + len(said.rstrip())
        if start < end:
            kept.append(Span(span.slot, moved(start), moved(end)))
    return _SPARE.sub("", text), kept
