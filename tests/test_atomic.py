"""Files that are whole or not there."""

import os

import pytest

from textseq.atomic import whole_file, write_text


def test_a_folder_that_is_not_there_is_named(tmp_path):
    path = tmp_path / "none" / "page.html"
    with (
        pytest.raises(FileNotFoundError, match="page.html' can't be written: there is no folder"),
        whole_file(path),
    ):
        pass


def test_a_failed_rename_leaves_no_litter(tmp_path):
    path = tmp_path / "taken"
    with pytest.raises(OSError, match="taken"), whole_file(path):
        path.mkdir()
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


def test_write_text_replaces_a_file_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")
    assert write_text(path, "new") == path
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["page.html"]


def test_write_text_that_fails_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"]
