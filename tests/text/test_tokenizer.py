import copy
import json
import pickle
import re
import subprocess
import sys
import unicodedata

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from linear_time import assert_linear

from textseq.text.patterns import ASCII_WORD, GRAPHEME, WORD
from textseq.text.tokenizer import Tokenizer

AWKWARD = [
    "İ",
    "i̇",
    "é",
    "é",
    "👩\u200d👩\u200d👧",
    "👍🏽",
    "🇫🇷",
    "1️⃣",
    "n't",
    "'s",
    "can't",
    "cannot",
    "’",
    "...",
    "\u200d",
    "️",
    "한",
    "中",
    "ー",
    "<pad>",
    "<unk>",
    "@",
    "-",
    "_",
    "mr.",
] + ["\ud800", "\udfff", "\x00", "\r\n", " "]

VIRAMA = 9  # its canonical combining class

# Any string a Python program can hold, leaning on what breaks tokenisers.
awkward = st.lists(
    st.one_of(st.text(st.characters(exclude_categories=[])), st.sampled_from(AWKWARD)), max_size=8
).map("".join)


def words(text, **options):
    return Tokenizer(**options).tokenize([text]).to_lists()[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Contractions, as in the corpus of the GloVe vectors.
        ("I don't", "i do n't"),
        ("DON'T", "do n't"),
        ("don’t", "do n't"),
        ("don´t", "do n't"),
        ("can't won't cannot ain't", "ca n't wo n't can not ai n't"),
        ("It's we'll they're I've he'd I'm", "it 's we 'll they 're i 've he 'd i 'm"),
        ("couldn't've", "could n't 've"),
        ("get ‘em", "get 'em"),
        ("the 1990's, the '80s", "the 1990 's , the '80s"),
        ("the dogs' 'so'", "the dogs ' ' so '"),
        ("it 's already do n't", "it 's already do n't"),
        ("O'Brien's o'clock", "o'brien 's o'clock"),
        ("l'été d'accord", "l ' été d ' accord"),
        ("cannoth scannot", "cannoth scannot"),
        # Numbers, abbreviations, titles.
        ("1,000 3.5 10:30 2.", "1,000 3.5 10:30 2 ."),
        ("$5.99 50%", "$ 5.99 50 %"),
        ("10:30am 3d 1st", "10:30 am 3d 1st"),
        ("U.S. e.g. a.m.", "u.s. e.g. a.m."),
        ("Mr. Smith, Ph.D., etc...", "mr. smith , ph.d. , etc ..."),
        ("the best. Ok", "the best . ok"),
        # Punctuation.
        ("well-made", "well - made"),
        ("yes -- no --- x", "yes -- no --- x"),
        ("wait.. wait.... wait…no", "wait ... wait ... wait ... no"),
        ("!!! ?!", "! ! ! ? !"),
        ("***** === ~~ ++", "***** === ~~ ++"),
        ("“a” ``b''", "\" a \" `` b ''"),
        ("_the matrix_ snake_case ___", "_ the matrix _ snake _ case ___"),
        ("-LRB- x -rrb- (y)", "-lrb- x -rrb- ( y )"),
        ("a–b—c", "a – b — c"),
        # The web.
        ("see http://x.com/a_b?c=1, ok", "see http://x.com/a_b?c=1 , ok"),
        ("(www.foo.org).", "( www.foo.org ) ."),
        ("me.you@x.co.uk and a_b-c@x.org.", "me.you@x.co.uk and a_b-c@x.org ."),
        ("@bob_1 @ 5 #happy", "@bob_1 @ 5 # happy"),
        ("a@b", "a @b"),
        # Other scripts.
        ("中文字 ok", "中 文 字 ok"),
        ("ひらカー", "ひ ら カ ー"),
        ("한국어 лето", "한국어 лето"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("हिन्दी", "हिन्दी"),
        ("日本に10:30着", "日 本 に 10:30 着"),
        # Emoji.
        ("👩‍👩‍👧👍🏽!", "👩‍👩‍👧 👍🏽 !"),
        ("🇫🇷🇩🇪 1️⃣2️⃣ ❤️love", "🇫🇷 🇩🇪 1️⃣ 2️⃣ ❤️ love"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        # Case and composition.
        ("İstanbul", "i̇stanbul"),
        ("cafe\u0301", "café"),
        ("ΟΔΟΣ", "οδος".replace("σ", "σ")[:-1] + "ς"),
        # Nothing to read.
        ("", ""),
        (" \t\n\u3000", ""),
        ("a\x00b\ufeff\u200bc", "a b c"),
        ("\ud800x", "� x"),
    ],
)
def test_words(text, expected):
    assert words(text) == expected.split()


def test_case_can_be_kept():
    assert words("DON'T Stop U.S. MR. CANNOT", lowercase=False) == (
        ["DO", "N'T", "Stop", "U.S.", "MR.", "CAN", "NOT"]
    )


@settings(max_examples=300, deadline=None)
@given(awkward)
def test_words_lose_nothing_that_is_printed(text):
    tokens = words(text, lowercase=False)
    assert all(tokens)
    mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    plain = unicodedata.normalize("NFC", mended)
    # What a text holds beside white space, invisible characters and rewritten punctuation.
    rewritten = re.compile(r"[\s.…'‘’´\"“”\x00-\x1f\x7f-\x9f]")

    def kept(string):
        return [c for c in rewritten.sub("", string) if unicodedata.category(c) not in ("Cf", "Cn")]

    assert kept("".join(tokens)) == kept(plain)


@settings(max_examples=300, deadline=None)
@given(awkward)
@example("👩‍👩‍👧" * 3)
@example("ᄀ가\u1160ᆨ")
@example("\r\n\r\u0300\n")
def test_characters_are_grapheme_clusters(text):
    regex = pytest.importorskip("regex")
    tokens = Tokenizer("char", lowercase=False).tokenize([text]).to_lists()[0]
    mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    whole = unicodedata.normalize("NFC", mended)
    assert "".join(tokens) == whole
    # The two libraries follow different editions of Unicode: characters added lately may differ,
    # and regex joins what stands around a virama, as this tokenizer does not.
    comparable = all(
        unicodedata.category(character) != "Cn" and unicodedata.combining(character) != VIRAMA
        for character in whole
    )
    if comparable:
        assert tokens == regex.findall(r"\X", whole)


def test_an_indic_conjunct_is_cut_behind_its_virama():
    tokens = Tokenizer("char").tokenize(["न्द्रि", "\u094dक"]).to_lists()
    assert tokens == [["न्", "द्", "रि"], ["\u094d", "क"]]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="ascii"), max_size=40))
@example("He can't @you 'em 3.5 u.s. mr. a_b@c.org www.x.org, -LRB- __ o'clock 'd' 'sup")
def test_the_fast_pattern_cuts_ascii_as_the_full_one(text):
    series = pl.Series([text])
    assert series.str.extract_all(ASCII_WORD).to_list() == series.str.extract_all(WORD).to_list()


@settings(max_examples=300, deadline=None)
@given(st.text())
@pytest.mark.parametrize("kind", ["word", "char"])
def test_composed_and_decomposed_text_give_the_same_tokens(kind, text):
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    composed, decomposed = Tokenizer(kind).tokenize(forms).to_lists()
    assert composed == decomposed


@settings(max_examples=300, deadline=None)
@given(st.lists(awkward, min_size=1, max_size=6))
@pytest.mark.parametrize("kind", ["word", "char"])
def test_a_text_gets_the_same_tokens_alone_and_among_others(kind, texts):
    together = Tokenizer(kind).tokenize(texts).to_lists()
    alone = [Tokenizer(kind).tokenize([text]).to_lists()[0] for text in texts]
    assert together == alone


def test_threads_keep_the_order_of_texts():
    texts = [f"text no {number} it's {'é' * (number % 3)}" for number in range(5000)]
    together = Tokenizer().tokenize(texts).to_lists()
    assert together[::97] == Tokenizer().tokenize(texts[::97]).to_lists()


@pytest.mark.parametrize("kind", ["word", "char", "bpe"])
@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "é",
        "1.",
        "-",
        "a-",
        "a.",
        "@",
        "'",
        "n't",
        "中",
        "\u0301",
        "👍",
        "👍\u200d",
        "http://!",
        " ",
    ],
)
def test_ten_times_the_text_takes_ten_times_as_long(kind, piece):
    tokenizer = Tokenizer(kind, vocab_size=256).fit([piece])
    assert_linear(tokenizer, piece, 100_000)


def test_ngrams_follow_the_tokens():
    assert words("so it goes", ngram_range=(1, 2)) == ["so", "it", "goes", "so it", "it goes"]
    assert words("ab", kind="char", ngram_range=(2, 2)) == ["a b"]


CORPUS = ["the cat sat on the mat", "the dog sat on the log", "the cats and the dogs"] * 5


def test_bpe_learns_frequent_pieces():
    tokenizer = Tokenizer("bpe", vocab_size=300).fit(CORPUS)
    assert tokenizer.tokenize(["The cat sat"]).to_lists() == [["the", "Ġcat", "Ġsat"]]


@settings(max_examples=300, deadline=None)
@given(awkward)
def test_bpe_can_spell_any_text(text):
    from tokenizers.decoders import ByteLevel

    pieces = BPE.tokenize([text]).to_lists()[0]
    mended = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert ByteLevel().decode(pieces) == unicodedata.normalize("NFC", mended)


BPE = Tokenizer("bpe", lowercase=False, vocab_size=270).fit(CORPUS)


def test_bpe_learns_the_same_in_another_process():
    script = (
        "import json, sys; from textseq.text.tokenizer import Tokenizer; "
        "texts = json.load(sys.stdin); "
        "print(json.dumps(Tokenizer('bpe', vocab_size=300).fit(texts).to_dict()))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(CORPUS),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    here = json.dumps(Tokenizer("bpe", vocab_size=300).fit(CORPUS).to_dict()) + "\n"
    assert found == [here, here]


def test_fit_changes_nothing_but_what_it_returns():
    unfitted = Tokenizer("bpe", vocab_size=300)
    fitted = unfitted.fit(CORPUS)
    assert fitted.fit(["other texts"]) is fitted
    with pytest.raises(ValueError, match=r"tokenizer = tokenizer.fit\(texts\)"):
        unfitted.tokenize(["a"])
    for kind in ("word", "char", str.split):
        tokenizer = Tokenizer(kind)
        assert tokenizer.fit(CORPUS) is tokenizer


def commas(text):
    return text.split(",")


def test_a_function_may_cut():
    assert words("A b,C", kind=commas) == ["a b", "c"]
    assert words("A b,C", kind=commas, lowercase=False, ngram_range=(2, 2)) == ["A b C"]
    with pytest.raises(ValueError, match=r"commas_not returned \[1\] for 'a'; it must"):
        words("a", kind=commas_not)


def commas_not(text):
    return [1]


@pytest.mark.parametrize("kind", ["word", "char", "bpe"])
def test_json_brings_a_tokenizer_back(kind):
    tokenizer = Tokenizer(kind, lowercase=False, ngram_range=(1, 2), vocab_size=280).fit(CORPUS)
    again = Tokenizer.from_dict(json.loads(json.dumps(tokenizer.to_dict())))
    assert again.to_dict() == tokenizer.to_dict()
    assert repr(again) == repr(tokenizer)
    texts = ["The Cat isn't", ""]
    assert again.tokenize(texts).to_lists() == tokenizer.tokenize(texts).to_lists()


def test_an_unfitted_bpe_comes_back_unfitted():
    again = Tokenizer.from_dict(Tokenizer("bpe").to_dict())
    with pytest.raises(ValueError, match="learned nothing yet"):
        again.tokenize(["a"])


def test_a_function_is_stored_by_name_only():
    state = json.loads(json.dumps(Tokenizer(commas).to_dict()))
    assert state["function"] == f"{__name__}:commas"
    with pytest.raises(ValueError, match=f"made from the function {__name__}:commas, which is not"):
        Tokenizer.from_dict(state)
    again = Tokenizer.from_dict(state, function=commas)
    assert again.tokenize(["A,b"]).to_lists() == [["a", "b"]]


@pytest.mark.parametrize(
    ("cut", "name"),
    [(str.split, "builtins:str.split"), (re.compile(r"\w+").findall, "re:Pattern.findall")],
)
def test_methods_without_a_module_have_names_too(cut, name):
    assert Tokenizer(cut).to_dict()["function"] == name


def test_a_damaged_bpe_is_refused():
    state = BPE.to_dict()
    state["bpe"] = {"model": "gone"}
    with pytest.raises(ValueError, match="the stored 'bpe' tokenizer cannot be read"):
        Tokenizer.from_dict(state)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))])
def test_a_copy_cuts_the_same(duplicate):
    assert duplicate(BPE).tokenize(["the dog"]).to_lists() == BPE.tokenize(["the dog"]).to_lists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"kind": "words"},
            "kind='words' is no tokenizer; use 'word', 'char', 'bpe', a function",
        ),
        ({"kind": None}, "kind=None is no tokenizer"),
        ({"ngram_range": (2, 1)}, r"ngram_range=\(2, 1\) is not a range"),
        ({"ngram_range": (0, 1)}, "use 1 <= low <= high"),
        ({"vocab_size": 100}, "vocab_size=100 is below the 256 bytes"),
    ],
)
def test_impossible_settings_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        Tokenizer(**options)


def test_settings_can_be_read_but_not_set():
    tokenizer = Tokenizer("char", lowercase=False)
    assert (tokenizer.kind, tokenizer.lowercase) == ("char", False)
    assert (tokenizer.ngram_range, tokenizer.vocab_size) == ((1, 1), 20_000)
    assert repr(Tokenizer(commas)).startswith(f"Tokenizer({__name__}:commas, lowercase=True")
    with pytest.raises(AttributeError):
        tokenizer.kind = "word"


def test_texts_may_be_any_column_but_only_one():
    assert Tokenizer().tokenize(pl.Series(["a b"])).to_lists() == [["a", "b"]]
    with pytest.raises(ValueError, match="texts holds None"):
        Tokenizer().tokenize(pl.Series(["a", None]))
    with pytest.raises(ValueError, match="tokenize one field at a time"):
        Tokenizer().tokenize([("a", "b")])


def test_every_grapheme_pattern_matches_one_character_at_least():
    assert pl.Series([""]).str.extract_all(GRAPHEME).to_list() == [[]]


@pytest.mark.parametrize("found", [None, 3, "ab", [1]])
def test_a_function_that_returns_no_list_of_strings_is_named(found):
    with pytest.raises(ValueError, match="tokenizer .* returned .* must return a list of strings"):
        Tokenizer(lambda text: found).tokenize(["a b"])
