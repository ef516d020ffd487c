"""Lines of progress in a log."""

from textseq.cli.progress import ProgressLines


def test_an_hour_is_a_readable_log_and_a_minute_tells_much(capsys):
    now = [0.0]
    lines = ProgressLines(lambda: now[0])
    counts = {}
    for second in range(3601):
        now[0] = float(second)
        lines.on_batch(1 + second // 60, 60, second / 3600, 0.5)
        if second in (5, 60, 3600):
            counts[second] = capsys.readouterr().err.count("\n") + sum(counts.values())
    assert counts[5] >= 2
    assert 10 <= counts[60] <= 25
    assert counts[3600] <= 150


def test_fits_of_a_comparison_name_their_row(capsys):
    now = [0.0]
    lines = ProgressLines(lambda: now[0])
    lines.on_fit(0, 6, "mean")
    assert capsys.readouterr().err == ""
    now[0] = 90.0
    lines.on_fit(1, 6, "lstm")
    assert capsys.readouterr().err == "fit 2 of 6, lstm: starts (90 s)\n"
    now[0] = 300.0
    lines.on_batch(2, 4, 0.3, float("nan"))
    assert capsys.readouterr().err == "fit 2 of 6, lstm: epoch 2 of 4 (300 s)\n"
