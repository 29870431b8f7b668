"""A language model of characters: learns from generated travel sentences, says sentences of its own."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeAlias

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from data.generator import generate
from lectures.show import Shown, show

ORDERS = (1, 2, 3, 5)
STEPS = (50, 100, 200, 400, 600, 800)
TEMPERATURES = (0.3, 0.6, 1.0, 1.5)
END = "\n"

State: TypeAlias = tuple[Tensor, Tensor]


def sentences(count: int, seed: int) -> list[str]:
    """Generated English sentences in plain letters."""
    rows = (row.text.lower() for row in generate(2 * count, seed, ["en"]))
    return list(islice((text for text in rows if text.isascii()), count))


class CharacterModel(nn.Module):
    """One LSTM over the characters of a text; every sentence ends with END."""

    def __init__(self, characters: str, size: int = 24, hidden: int = 128) -> None:
        super().__init__()
        self.characters = characters
        self.embed = nn.Embedding(len(characters), size)
        self.recurrent = nn.LSTM(size, hidden, batch_first=True)
        self.say = nn.Linear(hidden, len(characters))

    def encode(self, text: str) -> Tensor:
        return torch.tensor([self.characters.index(character) for character in text])

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """ids (batch, length) to scores of the next character (batch, length, characters), and the state after them."""
        hidden, state = self.recurrent(self.embed(ids), state)
        return self.say(hidden), state

    @torch.no_grad()
    def perplexity(self, text: str) -> float:
        """Of the characters of the text behind its first."""
        ids = self.encode(text)
        scores, _ = self(ids[None, :-1])
        return math.exp(nn.functional.cross_entropy(scores[0], ids[1:]).item())

    @torch.no_grad()
    def sample(self, count: int, temperature: float = 1.0) -> str:
        """`count` characters drawn one by one, from the beginning of a sentence.

        Scores are divided by the temperature: below 1 the likely gets likelier, towards 0 only the likeliest is said.
        """
        ids, state = self.encode(END), None
        said = []
        for _ in range(count):
            scores, state = self(ids[None], state)
            ids = torch.multinomial(torch.softmax(scores[0, -1] / temperature, dim=0), 1)
            said.append(self.characters[int(ids)])
        return "".join(said)


def train(model: CharacterModel, text: str, steps: int, batch: int = 32, window: int = 50) -> Iterator[int]:
    """The number of steps done, after each of them.

    Sequential partitioning: `batch` places in the text are read side by side, the state is carried along.
    """
    ids = model.encode(text)
    length = (len(ids) - 1) // batch
    rows = ids.unfold(0, length + 1, length)[:batch]  # (batch, length + 1)
    starts = range(0, length - window + 1, window)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    state: State | None = None
    for step in range(steps):
        start = starts[step % len(starts)]
        read = rows[:, start : start + window + 1]
        if start == 0:
            state = None
        scores, (h, c) = model(read[:, :-1], state)
        state = h.detach(), c.detach()
        loss = nn.functional.cross_entropy(scores.flatten(0, 1), read[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        yield step + 1


class CountModel:
    """Counts of what follows the last order - 1 characters, mixed with shorter histories (Witten and Bell, 1991)."""

    def __init__(self, text: str, order: int, characters: str) -> None:
        self.order, self.characters = order, characters
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for place, character in enumerate(text):
            for length in range(min(order, place + 1)):
                self.counts[text[place - length : place]][character] += 1

    def probability(self, history: str, character: str) -> float:
        """The more different characters a history had behind it, the more the shorter one counts."""
        probability = 1 / len(self.characters)
        for length in range(min(self.order, len(history) + 1)):
            seen = self.counts.get(history[len(history) - length :])
            if seen:
                probability = (seen[character] + len(seen) * probability) / (seen.total() + len(seen))
        return probability

    def perplexity(self, text: str) -> float:
        """Of the characters of the text behind its first."""
        places = range(1, len(text))
        logarithms = (math.log(self.probability(text[max(0, i - self.order + 1) : i], text[i])) for i in places)
        return math.exp(-math.fsum(logarithms) / len(places))


def joined(texts: Sequence[str]) -> str:
    return END + "".join(text + END for text in texts)


def exercise() -> Shown:
    """Perplexity a character on sentences held out, and words of sentences sampled at several temperatures."""
    texts = sentences(3_300, seed=1)
    text, held_out = joined(texts[:3_000]), joined(texts[3_000:])
    characters = "".join(sorted(set(text + held_out)))
    torch.manual_seed(0)
    model = CharacterModel(characters)
    counted = {order: CountModel(text, order, characters).perplexity(held_out) for order in ORDERS}
    learned = {0: model.perplexity(held_out)}
    for step in train(model, text, STEPS[-1]):
        if step in STEPS:
            learned[step] = model.perplexity(held_out)
    lines = [(f"counts, order {order}", f"{perplexity:.2f}") for order, perplexity in counted.items()]
    lines += [(f"LSTM, {steps} steps", f"{perplexity:.2f}") for steps, perplexity in learned.items()]

    words = set(text.split())
    known, different, said = [], [], ""
    for temperature in TEMPERATURES:
        sampled = model.sample(2_000, temperature)
        drawn = sampled.split()
        known.append(sum(word in words for word in drawn) / len(drawn))
        different.append(len(set(drawn)) / len(drawn))
        said += f"\nAt temperature {temperature}, {known[-1]:.0%} of the words known, {different[-1]:.0%} different:\n"
        said += "".join(f"  {sentence[:100]}\n" for sentence in sampled.split(END)[:3])

    def draw(figure: Figure) -> None:
        perplexities, samples = figure.subplots(1, 2)
        perplexities.plot(list(learned), list(learned.values()), marker="o", markersize=4, label="LSTM")
        for order, perplexity in counted.items():
            perplexities.axhline(perplexity, color="grey", linewidth=0.8, linestyle=":")
            perplexities.text(max(learned), perplexity, f"counts, order {order}", ha="right", va="bottom", fontsize=7)
        perplexities.set(yscale="log", xlabel="steps", ylabel="perplexity a character, held out")
        perplexities.set_yticks([5, 10, 20, 50], ["5", "10", "20", "50"])
        perplexities.minorticks_off()
        samples.plot(TEMPERATURES, known, marker="o", markersize=4, label="words known from the text")
        samples.plot(TEMPERATURES, different, marker="o", markersize=4, label="words that are different")
        samples.set(xlabel="temperature", ylabel="share of the words sampled", ylim=(0, 1.05))
        samples.legend(loc="lower center")

    return Shown(("model", "perplexity"), lines, draw, said)


if __name__ == "__main__":
    show(exercise)
