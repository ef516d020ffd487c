import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from subword_tables import minilm_folder

from textseq import WordVectors, load_sample

VECTORS = "good 1 0.5\nfilm 0 1\nbad -1 0.5\n"


def test_what_a_file_holds(textseq, tmp_path):
    (tmp_path / "v.txt").write_text(VECTORS)
    done = textseq("vectors info v.txt --near bad")
    assert done.stdout.decode().splitlines() == [
        "WordVectors 'v' of 3 words, 2 numbers each: 'good', 'film', 'bad'",
        "bad: film 0.45, good -0.60",
    ]
    assert b"20,000 words, 50 numbers" in textseq("vectors info glove.6B.50d.top20k").stdout


def test_how_much_of_a_table_they_know(textseq, tmp_path):
    (tmp_path / "v.txt").write_text(VECTORS)
    done = textseq("vectors coverage v.txt - -t one -t two", "one,two\nGood film,Zzz zzz\n")
    assert done.stdout.decode().splitlines() == [
        "Coverage: 66.7 % of 3 distinct words, 50.0 % of 4 words",
        "commonest without a vector: zzz (2)",
    ]


def test_trained_vectors_load_again(textseq, tmp_path):
    lines = "".join(f"{text}\n" for text in load_sample("subj")["text"].head(300))
    done = textseq("vectors train - -o mine.vec --dim 8 --epochs 1 --min-count 5", lines)
    assert done.returncode == 0, done.stderr
    trained = WordVectors.load(tmp_path / "mine.vec")
    assert done.stdout.decode() == f"mine.vec: {len(trained)} words, 8 numbers each\n"
    assert "the" in trained


def test_downloads_are_listed(textseq):
    lines = textseq("vectors download").stdout.decode().splitlines()
    assert {"glove.6B.100d  862 MB", "potion-base-8m  31 MB"} <= set(lines)


def test_a_table_of_subwords_is_looked_at_and_learned_from(textseq, tmp_path):
    minilm_folder(tmp_path / "minilm")
    done = textseq("vectors info minilm --near film")
    assert done.stdout.decode().startswith(
        "SubwordTable 'minilm' of 30,521 tokens, 32 numbers each: '[PAD]', "
    )
    assert "\nfilm: " in done.stdout.decode()
    done = textseq("vectors coverage minilm - -t text", "text\nGood film 🙂 unaffable\n")
    assert b"commonest without a vector: <unk> (1)" in done.stdout
    rows = "".join(f"{word} film,{word}\n" for word in ["good", "bad"] * 30)
    (tmp_path / "films.csv").write_text(f"text,label\n{rows}")
    done = textseq("fit films.csv --encoder mean --vectors minilm -o film.textseq")
    assert done.returncode == 0, done.stderr
    assert textseq("predict film.textseq -", "good\n").stdout
    done = textseq("fit films.csv --tokenizer char --vectors minilm -o film.textseq")
    assert b"tokenizer='char', but vectors='minilm' bring a tokenizer of their own" in done.stderr


def test_distilling_refuses_what_it_can_not_read(textseq, tmp_path):
    done = textseq("vectors distill absent --out static")
    assert done.returncode == 2
    assert b"absent is no folder with a config.json" in done.stderr
    done = textseq("vectors distill absent --out nowhere/static")
    assert b"there is no folder" in done.stderr


def test_a_download_that_is_there_already_is_found_by_name(textseq, tmp_path):
    cached = tmp_path / "cache" / "downloads" / "glove.6B.50d.txt"
    cached.parent.mkdir(parents=True)
    cached.write_text(VECTORS)
    places = {"TEXTSEQ_CACHE": str(tmp_path / "cache")}
    assert textseq("vectors download glove.6B.50d", **places).stdout.decode() == f"{cached}\n"
    assert b"of 3 words" in textseq("vectors info glove.6B.50d", **places).stdout


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("info absent.txt", "there is no file absent.txt"),
        ("info v.txt --near ugly", "v.txt has no vector of 'ugly'"),
        ("info broken.txt", "broken.txt: line 2"),
        ("download glove.6B.101d", "no download is called 'glove.6B.101d'; known are"),
        ("train t.txt -o mine.vec --method glove", "method='glove' is unknown"),
        ("train t.txt -o no/mine.vec", "there is no folder"),
    ],
)
def test_bad_input_is_one_line(fails, tmp_path, command, message):
    (tmp_path / "v.txt").write_text(VECTORS)
    (tmp_path / "broken.txt").write_text("a 1 2\nb 1\n")
    (tmp_path / "t.txt").write_text("some words\n")
    assert message in fails(f"vectors {command}")


class Imposter(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"no vectors at all")

    def log_message(self, *_):
        pass


def test_a_file_that_is_not_the_official_one_is_not_kept(textseq, tmp_path):
    with HTTPServer(("127.0.0.1", 0), Imposter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = textseq(
            "vectors download wiki.es --folder .",
            TEXTSEQ_VECTORS_URL=f"http://127.0.0.1:{server.server_port}",
        )
        server.shutdown()
    assert done.returncode == 2
    assert b"is not the file expected" in done.stderr
    assert os.listdir(tmp_path) == []
