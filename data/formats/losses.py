"""What a conversion could not carry over, to be listed: by kind, how often and for example."""

from collections import Counter, defaultdict

_EXAMPLES = 3
_LONGEST = 100  # characters of an example


class Losses:
    """Filled while rows are read and written; `sentences` is the number of those that were left out whole."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.sentences = 0
        self._examples: dict[str, dict[str, None]] = defaultdict(dict)

    def add(self, kind: str, example: object) -> None:
        self.counts[kind] += 1
        if len(self._examples[kind]) <= _EXAMPLES:  # one more than is shown tells that there are more
            self._examples[kind][str(example)] = None

    def add_sentence(self, text: str, reason: str) -> None:
        self.sentences += 1
        self.add("sentences left out", f"{text!r} ({reason})")

    def examples(self, kind: str) -> list[str]:
        return list(self._examples[kind])[:_EXAMPLES]

    def lines(self) -> list[str]:
        """`kind: count (an example; another; ...)`, a kind a line."""
        return [f"{kind}: {count:,} ({self._shown(kind)})" for kind, count in self.counts.items()]

    def _shown(self, kind: str) -> str:
        examples = [_cut(example) for example in self.examples(kind)]
        return "; ".join(examples + ["..."] * (len(self._examples[kind]) > _EXAMPLES))


def _cut(example: str) -> str:
    example = " ".join(example.split())
    return example if len(example) <= _LONGEST else f"{example[: _LONGEST - 3]}..."
