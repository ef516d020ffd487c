import hashlib
import io
import re
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from textseq import WordVectors
from textseq.text.vectors.downloads import (
    DOWNLOADS,
    Download,
    FolderDownload,
    download,
    download_path,
)
from textseq.text.vectors.files import VectorFileError

TEXT = "".join(f"w{i} {i}.5 0.25\n" for i in range(5000)).encode()


def archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("two.1d.txt", b"a 1\n")
        file.writestr("two.2d.txt", TEXT)
    return packed.getvalue()


FILES = {"plain.vec": TEXT, "two.zip": archive(), "altered.vec": TEXT, "cut.vec": TEXT}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        name = self.path.rpartition("/")[2]
        if name not in FILES:
            return self.send_error(404)
        content = FILES[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if name == "altered.vec":
            content = content.replace(b"w7 ", b"W7 ")
        elif name == "cut.vec":
            content = content[:20_000]
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.url = f"http://127.0.0.1:{server.server_port}/data"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def known():
    def entry(file, member=""):
        content = FILES.get(file, b"")
        digest = hashlib.sha256(content).hexdigest()
        return Download(f"https://example.invalid/x/{file}", digest, 1, member)

    return {
        "plain": entry("plain.vec"),
        "two.1d": entry("two.zip", "two.1d.txt"),
        "two.2d": entry("two.zip", "two.2d.txt"),
        "altered": entry("altered.vec"),
        "cut": entry("cut.vec"),
        "gone": entry("gone.vec"),
    }


def test_a_plain_file_is_fetched_once(server, known, tmp_path):
    for _ in range(2):
        path = download("plain", tmp_path / "new", base_url=server.url + "/", known=known)
    assert path == tmp_path / "new" / "plain.vec"
    assert path.read_bytes() == TEXT
    assert server.asked == ["/data/plain.vec"]
    assert [file.name for file in path.parent.iterdir()] == ["plain.vec"]


def test_one_archive_serves_all_its_files(server, known, tmp_path):
    path = download("two.2d", tmp_path, base_url=server.url, known=known)
    assert WordVectors.load(path, cache=False)["w3"].tolist() == [3.5, 0.25]
    download("two.1d", tmp_path, base_url=server.url, known=known)
    assert server.asked == ["/data/two.zip"]
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"two.zip", "two.1d.txt", "two.2d.txt"}


def test_an_archive_of_one_file_is_removed(server, known, tmp_path):
    del known["two.1d"]
    download("two.2d", tmp_path, base_url=server.url, known=known)
    assert [file.name for file in tmp_path.iterdir()] == ["two.2d.txt"]


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("altered", ValueError, r"altered\.vec is not the file expected: its SHA-256 is not"),
        ("cut", ConnectionError, r"could not download http.*cut\.vec: .*20000 bytes read"),
        ("gone", ConnectionError, r"could not download http.*gone\.vec: 404"),
    ],
)
def test_a_failed_download_leaves_nothing(server, known, tmp_path, name, error, message):
    with pytest.raises(error, match=message):
        download(name, tmp_path, base_url=server.url, known=known)
    assert not list(tmp_path.iterdir())


def test_a_damaged_archive_left_behind_is_fetched_again(server, known, tmp_path):
    (tmp_path / "two.zip").write_bytes(FILES["two.zip"][:500])
    path = download("two.2d", tmp_path, base_url=server.url, known=known)
    assert path.read_bytes() == TEXT


def test_no_server_is_a_clear_error(known, tmp_path):
    with pytest.raises(ConnectionError, match="could not download .*TEXTSEQ_VECTORS_URL"):
        download("plain", tmp_path, base_url="http://127.0.0.1:9", known=known)
    assert not list(tmp_path.iterdir())


def test_a_mirror_and_the_folder_can_come_from_the_environment(
    server, known, tmp_path, monkeypatch
):
    monkeypatch.setenv("TEXTSEQ_VECTORS_URL", server.url)
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path))
    path = download("plain", known=known)
    assert path == tmp_path / "downloads" / "plain.vec"
    assert path.read_bytes() == TEXT


QUIET = """
import sys
from textseq.text.vectors.downloads import Download, download
known = {"plain": Download("https://example.invalid/plain.vec", sys.argv[3])}
download("plain", sys.argv[2], base_url=sys.argv[1], known=known, progress=len(sys.argv) > 4)
"""


@pytest.mark.parametrize("progress", [[], ["progress"]])
def test_quiet_unless_progress_is_asked_for(server, tmp_path, progress):
    digest = hashlib.sha256(TEXT).hexdigest()
    command = [sys.executable, "-c", QUIET, server.url, str(tmp_path), digest, *progress]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "100%" in done.stderr if progress else done.stderr == ""
    assert "Downloading data" not in done.stderr


def test_a_download_is_loaded_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTSEQ_CACHE", str(tmp_path))
    with pytest.raises(VectorFileError, match=r"not on this .*`textseq vectors download glove\.6B"):
        WordVectors.load("glove.6B.50d")
    path = download_path("glove.6B.50d")
    path.parent.mkdir()
    path.write_bytes(TEXT)
    vectors = WordVectors.load("glove.6B.50d")
    assert vectors.name == "glove.6B.50d"
    assert len(vectors) == 5000


def test_an_unknown_name_gets_the_nearest_ones():
    with pytest.raises(ValueError, match=r"no download is called 'glove\.6b\.50d'; known are .*6B"):
        download("glove.6b.50d")


def test_the_table_is_sound():
    for name, entry in DOWNLOADS.items():
        folder = isinstance(entry, FolderDownload)
        for sha256 in entry.sha256.values() if folder else [entry.sha256]:
            assert re.fullmatch("[0-9a-f]{64}", sha256), name
            assert sha256 != hashlib.sha256(b"").hexdigest(), name
        assert entry.url.startswith("https://"), name
        if folder:
            assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(entry.sha256), name
            # A branch's files may change.
            assert re.search("/[0-9a-f]{40}$", entry.url), name
        else:
            assert entry.url.endswith(".zip") == bool(entry.member), name
    paths = {download_path(name) for name in DOWNLOADS}
    assert len(paths) == len(DOWNLOADS)


def table_of(*names):
    digests = {name: hashlib.sha256(FILES[name]).hexdigest() for name in names}
    return {"tiny": FolderDownload("https://example.invalid/x", digests, 1)}


def test_the_files_of_a_table_are_fetched_into_one_folder(server, tmp_path):
    for _ in range(2):
        path = download(
            "tiny", tmp_path, base_url=server.url, known=table_of("plain.vec", "two.zip")
        )
    assert path == tmp_path / "tiny"
    assert {file.name: file.read_bytes() for file in path.iterdir()} == {
        name: FILES[name] for name in ("plain.vec", "two.zip")
    }
    assert server.asked == ["/data/tiny/plain.vec", "/data/tiny/two.zip"]
    assert [file.name for file in tmp_path.iterdir()] == ["tiny"]


@pytest.mark.parametrize("last", ["altered.vec", "cut.vec"])
def test_a_table_of_which_one_file_fails_is_not_there(server, tmp_path, last):
    with pytest.raises((ValueError, ConnectionError), match=last):
        download("tiny", tmp_path, base_url=server.url, known=table_of("plain.vec", last))
    assert not list(tmp_path.iterdir())
