"""Little stories of people, places and things, with a question whose answer follows from them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from textseq.checks import check_choice, check_count, seed_of


@dataclass(frozen=True)
class Words:
    """What a language says of people, places and things.

    Parameters
    ----------
    people : tuple of str
    places, things : dict of str to str
        Each with the article that stands before it.
    moves, takes, drops : tuple of str
        Sentences, with braces where the person and the place or thing stand.
    questions : tuple of str
        After a person, after a thing, and after a thing before it was at a place.
    """

    people: tuple[str, ...]
    places: dict[str, str]
    things: dict[str, str]
    moves: tuple[str, ...]
    takes: tuple[str, ...]
    drops: tuple[str, ...]
    questions: tuple[str, str, str]


LANGUAGES = {
    "en": Words(
        ("Mary", "John", "Daniel", "Sandra"),
        dict.fromkeys(("kitchen", "bathroom", "bedroom", "garden", "hallway", "office"), "the"),
        dict.fromkeys(("football", "milk", "apple"), "the"),
        (
            "{} went to {}.",
            "{} moved to {}.",
            "{} journeyed to {}.",
            "{} travelled to {}.",
            "{} went back to {}.",
        ),
        (
            "{} picked up {}.",
            "{} took {}.",
            "{} got {} there.",
            "{} grabbed {} there.",
        ),
        ("{} dropped {}.", "{} put down {} there.", "{} left {} there.", "{} discarded {}."),
        ("Where is {}?", "Where is {}?", "Where was {} before {}?"),
    ),
    "pt": Words(
        ("Maria", "João", "Pedro", "Ana"),
        {
            "cozinha": "a",
            "banheiro": "o",
            "quarto": "o",
            "jardim": "o",
            "corredor": "o",
            "escritório": "o",
        },
        {"bola": "a", "leite": "o", "maçã": "a"},
        (
            "{} foi para {}.",
            "{} voltou para {}.",
            "{} correu para {}.",
            "{} seguiu para {}.",
            "{} caminhou até {}.",
        ),
        ("{} pegou {}.", "{} pegou {} ali.", "{} apanhou {}.", "{} achou {} ali e levou consigo."),
        ("{} largou {}.", "{} deixou {} ali.", "{} soltou {}.", "{} pôs {} no chão."),
        ("Onde está {}?", "Onde está {}?", "Onde estava {} antes de ir para {}?"),
    ),
}
# Fewest and most sentences of a story, by the facts that its question needs.
LENGTHS = {1: (2, 10), 2: (4, 24), 3: (8, 40)}
# How often something happens to a thing, where a person could do so.
HANDLED = {1: 0.0, 2: 0.5, 3: 0.55}


def make_stories(
    n: int, n_facts: int = 1, language: str = "en", random_state: Any = None
) -> pd.DataFrame:
    """Make stories of people who carry things from place to place, and questions after these.

    Every story is drawn by itself: people go somewhere, and take and drop what lies where they
    are. The answer is one word of the passage, and follows from so many of its sentences.

    Parameters
    ----------
    n : int
        Stories.
    n_facts : {1, 2, 3}, default 1
        Sentences that an answer follows from: 1 asks where a person is, 2 where a thing is, 3
        where a thing was before it came to a place. The stories have 2 to 10, 4 to 24 and 8 to 40
        sentences.
    language : {"en", "pt"}, default "en"
        English or Portuguese.
    random_state : int, RandomState, Generator or None

    Returns
    -------
    DataFrame with n rows
        ``question``, ``passage``, ``answer``, and ``facts``, the numbers from 0 of the sentences
        that the answer follows from, in their order.

    Raises
    ------
    ValueError
        If an argument is not one of those named.

    References
    ----------
    Weston et al. (2016), "Towards AI-Complete Question Answering: A Set of Prerequisite Toy
    Tasks", tasks 1 to 3, whose stories these are like.

    Examples
    --------
    >>> story = make_stories(1, n_facts=2, random_state=30).iloc[0]
    >>> sentences = story["passage"].split(". ")
    >>> [sentences[fact] for fact in story["facts"]]
    ['John went to the bedroom', 'John grabbed the milk there.']
    >>> story["question"], story["answer"]
    ('Where is the milk?', 'bedroom')
    """
    n = check_count("n", n)
    if n_facts not in LENGTHS:
        raise ValueError(f"n_facts must be 1, 2 or 3, got {n_facts!r}")
    check_choice("language", language, LANGUAGES)
    rng = random.Random(seed_of(random_state))
    rows: list[tuple[str, str, str, list[int]]] = []
    while len(rows) < n:
        story = _Story(LANGUAGES[language], rng)
        for _ in range(rng.randint(*LENGTHS[n_facts])):
            story.go_on(HANDLED[n_facts])
        asked = story.question(n_facts)
        if asked is not None:
            question, answer, facts = asked
            rows.append((question, " ".join(story.sentences), answer, sorted(facts)))
    return pd.DataFrame(rows, columns=["question", "passage", "answer", "facts"])


@dataclass
class _Stay:
    """Somebody or something is at a place, which these sentences tell."""

    place: str
    facts: tuple[int, ...]


@dataclass
class _Story:
    words: Words
    rng: random.Random
    sentences: list[str] = field(default_factory=list)
    # Where each person is, as far as it was told.
    people: dict[str, _Stay] = field(default_factory=dict)
    # Of each thing who carries it, and since which sentence; and where it lies, or first lay.
    carried: dict[str, tuple[str, int]] = field(default_factory=dict)
    lies: dict[str, str] = field(default_factory=dict)
    # Of each thing its places so far, each with the sentences that tell of it and of its way there.
    ways: dict[str, list[_Stay]] = field(default_factory=dict)
    # Of each thing that was put down the sentences that tell where it is.
    dropped: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        places = list(self.words.places)
        self.lies = {thing: self.rng.choice(places) for thing in self.words.things}

    def go_on(self, handled: float) -> None:
        """Add a sentence."""
        rng, person = self.rng, self.rng.choice(self.words.people)
        if person in self.people and rng.random() < handled:
            place = self.people[person].place
            things = [
                thing
                for thing in self.words.things
                if self._carrier(thing) == person or self.lies.get(thing) == place
            ]
            if things:
                self._handle(person, rng.choice(things))
                return
        self._move(person)

    def _carrier(self, thing: str) -> str | None:
        return self.carried[thing][0] if thing in self.carried else None

    def _move(self, person: str) -> None:
        here = self.people.get(person)
        places = [place for place in self.words.places if here is None or place != here.place]
        place, number = self.rng.choice(places), len(self.sentences)
        self._say(self.words.moves, person, self._named(place))
        for thing, (carrier, taken) in self.carried.items():
            if carrier == person:
                assert here is not None
                # Where it was before follows from how its carrier came there, and had it.
                self.ways[thing].append(_Stay(place, (*here.facts, taken, number)))
        self.people[person] = _Stay(place, (number,))

    def _handle(self, person: str, thing: str) -> None:
        stay, number = self.people[person], len(self.sentences)
        if self._carrier(thing) == person:
            del self.carried[thing]
            self.lies[thing] = stay.place
            self.dropped[thing] = (*stay.facts, number)
            self._say(self.words.drops, person, self._named(thing))
            return
        del self.lies[thing]
        self.carried[thing] = person, number
        self._say(self.words.takes, person, self._named(thing))
        if thing not in self.ways:
            self.ways[thing] = [_Stay(stay.place, ())]

    def _say(self, sentences: tuple[str, ...], *names: str) -> None:
        self.sentences.append(self.rng.choice(sentences).format(*names))

    def _named(self, name: str) -> str:
        return f"{(self.words.places | self.words.things)[name]} {name}"

    def question(self, n_facts: int) -> tuple[str, str, tuple[int, ...]] | None:
        """Return a question, its answer and its facts; None if there is none to ask."""
        asked = self.words.questions[n_facts - 1]
        if n_facts == 1:
            person, stay = self.rng.choice(list(self.people.items()))
            return asked.format(person), stay.place, stay.facts
        if n_facts == 2:
            if not self.ways:
                return None
            thing, stays = self.rng.choice(list(self.ways.items()))
            facts = self.dropped.get(thing, ())
            if thing in self.carried:
                person, taken = self.carried[thing]
                facts = *self.people[person].facts, taken
            return asked.format(self._named(thing)), stays[-1].place, facts
        moved = [thing for thing, stays in self.ways.items() if len(stays) > 1]
        if not moved:
            return None
        thing = self.rng.choice(moved)
        stays = self.ways[thing]
        place = self.rng.choice(sorted({stay.place for stay in stays[1:]}))
        last = max(k for k in range(1, len(stays)) if stays[k].place == place)
        question = asked.format(self._named(thing), self._named(place))
        return question, stays[last - 1].place, stays[last].facts
