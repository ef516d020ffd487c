"""The tree of the package in docs/structure.md names files where they are."""

import re

from code_blocks import ROOT, blocks


def test_the_files_it_names_are_where_it_says():
    (tree,) = [
        block.code
        for block in blocks(ROOT / "docs" / "structure.md")
        if block.code.startswith("textseq/\n")
    ]
    folders, named = {}, []
    for line in tree.splitlines():
        depth, words = len(line) - len(line.lstrip()), line.split()
        above = [folders[one] for one in sorted(folders) if one < depth]
        folder = above[-1] if above else ROOT
        files = [word.rstrip(";:,.") for word in words if re.search(r"\w(/|\.py)[;:,.]?$", word)]
        if words[0].endswith("/"):
            folders = {one: path for one, path in folders.items() if one < depth}
            folders[depth] = folder = folder / words[0]
            named.append(folder)
            files = files[1:]
        # What else a line names lies beside its first file, or in its first folder.
        named += [folder / name if name.endswith(".py") else ROOT / name for name in files]
    assert len(named) > 50
    assert [str(path.relative_to(ROOT)) for path in named if not path.exists()] == []
