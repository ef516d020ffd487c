import gzip


def test_tokens_are_printed_a_text_a_line(textseq):
    done = textseq("tokenize", stdin="It doesn't matter.\n\n日本 ok\n")
    assert done.stdout.decode() == "it does n't matter .\n\n日 本 ok\n"


def test_white_space_stays_visible(textseq):
    done = textseq("tokenize --tokenizer char --no-lowercase", stdin="A b\n")
    assert done.stdout.decode() == "A ␣ b\n"


def test_ids_are_places_in_the_vocabulary(textseq):
    texts = "b a b\nc a\n"
    done = textseq("tokenize --ids", stdin=texts)
    assert done.stdout.decode() == "3 2 3\n4 2\n"
    done = textseq("tokenize --ids --min-df 2", stdin=texts)
    assert done.stdout.decode() == "1 2 1\n1 2\n"
    done = textseq("tokenize --vocabulary --max-features 2", stdin=texts)
    assert done.stdout.decode().splitlines() == [
        "id,token,count,document_count",
        "0,<pad>,0,0",
        "1,<unk>,0,0",
        "2,a,2,2",
        "3,b,2,1",
    ]


def test_a_table_and_a_text_file_give_the_same(textseq, tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"id,words\n1,Good film\n2,Bad\n"))
    (tmp_path / "t.txt").write_text("Good film\nBad\n")
    from_table = textseq("tokenize t.csv.gz --text words").stdout
    assert from_table == textseq("tokenize t.txt").stdout == b"good film\nbad\n"
    piped = textseq("tokenize - --text words", stdin="id,words\n1,Good film\n2,Bad\n")
    assert piped.stdout == from_table
