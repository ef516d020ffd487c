def test_the_page_is_written_where_it_is_asked_for_and_nothing_else(textseq, tmp_path):
    done = textseq("lab --out lab.html")
    assert done.returncode == 0, done.stderr
    page = tmp_path / "lab.html"
    assert done.stdout.decode() == f"page: {page}\n"
    assert [file.name for file in tmp_path.iterdir()] == [page.name]
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert page.stat().st_size < 2_000_000


def test_nothing_is_written_unasked(fails, tmp_path):
    assert "Missing option '--out'" in fails("lab")
    assert "lab.txt: a page is written; end its name in .html" in fails("lab --out lab.txt")
    assert list(tmp_path.iterdir()) == []
