"""The page's script cuts texts into the same tokens as Python, whatever they hold."""

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from textseq import Tokenizer
from textseq.playground.tokenization import tokenizer_form

# What the rules are about, to be put together at random.
RULES = """
n't N'T 's 'S 're 've 'll 'd 'em can't cannot CANNOT ’ ´ “ ” … ... .. -- --- *** === ~~ ++ __ '' ``
İ ı ſ K 's ’ſ Σ ς ΑΣ e\u0301 é 👩\u200d👩\u200d👧 👍🏽 🇫🇷 🇫 1\ufe0f\u20e3 #\u20e3
❤\ufe0f © \u200d \ufe0f
'80s u.s.
한 각 中 カ ー ｰ 々 हिन्दी क्ष \u0d4e ക می\u200cخواهم ﬁ ½ ² Ⅷ １２ ٣ \x00 \xad
http:// HTTPS://a.b/c?d=1, www.x.org). me.you@x.co.uk @bob @ # - _ -LRB- -rsb- o'clock O'B O'Brien
Mr. ph.d. vs. 1,000 3.5 10:30 2. $5 50% a.b a-b a_b <pad> <unk> 🏴\U000e0067\U000e0062\U000e007f
"""
SPACES = [" ", "\r\n", "\n", "\t", "  ", "\x85", "\xa0", "\u2028", "\u3000", "\x1c", "\ufeff"]
PIECES = [*RULES.split(), *SPACES]

drawn = st.lists(
    st.one_of(
        st.sampled_from(PIECES),
        st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=6),
        st.text(st.characters(codec="ascii"), max_size=6),
    ),
    max_size=12,
).map("".join)
KINDS = {
    "word": Tokenizer(),
    "word, as they are": Tokenizer(lowercase=False, ngram_range=(1, 3)),
    "char": Tokenizer("char"),
    "char, as they are": Tokenizer("char", lowercase=False, ngram_range=(2, 2)),
    "bpe": Tokenizer("bpe", vocab_size=400).fit([" ".join(PIECES), "so good, so bad " * 9]),
}


@pytest.fixture(scope="module")
def texts():
    found = []

    @seed(0)
    @settings(max_examples=500, deadline=None, database=None)
    @given(drawn)
    def collect(text):
        found.append(text)

    collect()
    return [*found, *PIECES, "", " ".join(PIECES), "".join(PIECES)]


@pytest.mark.parametrize("name", KINDS)
def test_tokens_are_those_of_python(page, texts, name):
    tokenizer = KINDS[name]
    code = "const cut = tokenizerOf(arguments[0]); return arguments[1].map(cut);"
    found = page.ask(code, tokenizer_form(tokenizer), texts)
    expected = tokenizer.tokenize(texts).to_lists()
    wrong = [row for row in zip(texts, expected, found, strict=True) if row[1] != row[2]]
    assert not wrong, (len(wrong), min(wrong, key=lambda row: len(row[0])))
