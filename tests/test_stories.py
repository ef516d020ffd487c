import re

import pytest

from textseq import make_stories
from textseq.stories import LANGUAGES, LENGTHS

VERBS = {
    "en": {"goes": "went|moved|journeyed|travelled", "takes": "picked|took|got|grabbed"},
    "pt": {"goes": "foi|voltou|correu|seguiu|caminhou", "takes": "pegou|apanhou|achou"},
}


def solve(question, sentences, language):
    """Answer by what the sentences say, read by themselves."""
    words, verbs = LANGUAGES[language], VERBS[language]
    where, holder, ways = {}, {}, {thing: [] for thing in words.things}
    for sentence in sentences:
        person = next(one for one in words.people if sentence.startswith(one))
        place = next((one for one in words.places if one in sentence), None)
        if re.search(rf" ({verbs['goes']}) ", sentence):
            where[person] = place
            for thing in [thing for thing, own in holder.items() if own == person]:
                ways[thing].append(place)
            continue
        thing = next(one for one in words.things if one in sentence)
        if re.search(rf" ({verbs['takes']}) ", sentence):
            assert thing not in holder, "what somebody carries can't be taken"
            assert not ways[thing] or ways[thing][-1] == where.get(person), "it lies somewhere else"
            holder[thing] = person
            ways[thing] = ways[thing] or [where.get(person)]
        else:
            assert holder.pop(thing) == person, "what one lays down one had"
    person = next((one for one in words.people if one in question), None)
    if person is not None:
        return where[person]
    thing = next(one for one in words.things if one in question)
    place = next((one for one in words.places if one in question), None)
    if place is None:
        return ways[thing][-1]
    last = max(k for k in range(1, len(ways[thing])) if ways[thing][k] == place)
    return ways[thing][last - 1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("n_facts", LENGTHS)
def test_answers_follow_from_the_stories(n_facts, language):
    stories = make_stories(300, n_facts, language, random_state=0)
    for story in stories.itertuples():
        sentences = re.findall(r"[^.]+\.", story.passage)
        assert LENGTHS[n_facts][0] <= len(sentences) <= LENGTHS[n_facts][1]
        sentences = [sentence.strip() for sentence in sentences]
        assert solve(story.question, sentences, language) == story.answer
        assert len(story.facts) == len(set(story.facts)) == n_facts


@pytest.mark.parametrize("n_facts", [1, 3])
def test_the_facts_alone_tell_the_answer(n_facts):
    # Of two facts one may be that a thing was dropped, which says nothing of who had it before.
    for story in make_stories(200, n_facts, random_state=1).itertuples():
        sentences = [part.strip() for part in re.findall(r"[^.]+\.", story.passage)]
        facts = [sentences[fact] for fact in story.facts]
        assert solve(story.question, facts, "en") == story.answer


def test_stories_repeat_by_their_seed_and_all_answers_are_about_as_frequent():
    stories = make_stories(600, 2, random_state=3)
    assert stories.equals(make_stories(600, 2, random_state=3))
    assert not stories.equals(make_stories(600, 2, random_state=4))
    shares = stories["answer"].value_counts(normalize=True)
    assert len(shares) == 6 and shares.max() < 0.25


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 0}, "n must be a whole number of at least 1"),
        ({"n": 1, "n_facts": 4}, "n_facts must be 1, 2 or 3, got 4"),
        ({"n": 1, "language": "de"}, "unknown language 'de'"),
    ],
)
def test_other_stories_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        make_stories(**given)
