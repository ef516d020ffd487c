"""Texts to ids: cut all texts of imdb, build a vocabulary of 30,000 words, encode them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import corpora
from contests import Contest, Entrant, Figures, Line, Repeat, least, serve


def textseq(folder: Path) -> Repeat:
    from textseq import Tokenizer, Vocabulary

    texts, _ = corpora.texts(folder, "imdb")

    def once() -> None:
        tokens = Tokenizer().tokenize(texts)
        Vocabulary.from_tokens(tokens, max_features=corpora.WORDS).encode(tokens)

    return once


def hugging_face(folder: Path) -> Repeat:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    texts, _ = corpora.texts(folder, "imdb")

    def once() -> None:
        tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        trainer = trainers.WordLevelTrainer(
            vocab_size=corpora.WORDS + 2, special_tokens=["<pad>", "<unk>"], show_progress=False
        )
        batches = (texts[row : row + 1000] for row in range(0, len(texts), 1000))
        tokenizer.train_from_iterator(batches, trainer, length=len(texts))
        [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]

    return once


def scikit_learn(folder: Path) -> Repeat:
    from sklearn.feature_extraction.text import CountVectorizer

    texts, _ = corpora.texts(folder, "imdb")

    def once() -> None:
        analyze = CountVectorizer().build_analyzer()
        tokens = [analyze(text) for text in texts]
        counts: Counter[str] = Counter()
        for text in tokens:
            counts.update(text)
        common = (word for word, _ in counts.most_common(corpora.WORDS))
        vocabulary = {word: number for number, word in enumerate(common, start=2)}
        [[vocabulary.get(token, 1) for token in text] for text in tokens]

    return once


def keras(folder: Path) -> Repeat:
    import tensorflow as tf
    from keras.layers import TextVectorization

    texts, _ = corpora.texts(folder, "imdb")

    def once() -> None:
        data = tf.data.Dataset.from_tensor_slices(texts).batch(1024)
        layer = TextVectorization(max_tokens=corpora.WORDS + 2, output_mode="int", ragged=True)
        layer.adapt(data)
        list(data.map(layer, num_parallel_calls=tf.data.AUTOTUNE))

    return once


CONTESTANTS = {
    "textseq": textseq,
    "Hugging Face": hugging_face,
    "scikit-learn": scikit_learn,
    "Keras": keras,
}


def contests(quick: bool) -> list[Contest]:
    entrants = [Entrant(who) for who in CONTESTANTS]
    return [Contest("imdb", entrants, rounds=1 if quick else 3)]


def lines(found: dict[str, dict[str, Figures]]) -> list[Line]:
    values = {who: least(found["imdb"][who]) for who in CONTESTANTS}
    return [Line("tokenise + vocabulary + encode, imdb", "s", values)]


if __name__ == "__main__":
    serve(CONTESTANTS)
