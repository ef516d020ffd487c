"""Files that are whole or not there."""

import pytest

from textseq.atomic import whole_file


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
