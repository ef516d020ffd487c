"""What the tests of figures share."""

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg


def texts_of(figure):
    """All words of a drawn figure, title first."""
    figure.savefig(io.BytesIO(), format="svg")
    words = [figure.get_suptitle()]
    for axes in figure.axes:
        words += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
        words += [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        legend = axes.get_legend()
        words += [
            text.get_text() for text in (*axes.texts, *(legend.get_texts() if legend else ()))
        ]
    return [" ".join(word.split()) for word in words if word]


def check_drawn(figure):
    """Draw a figure, and check that its letters lie within it."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    width, height = canvas.get_width_height()
    for axes in figure.axes:
        for text in (*axes.texts, axes.xaxis.label, axes.yaxis.label):
            box = text.get_window_extent()
            if text.get_text():
                assert box.x0 >= -1 and box.x1 <= width + 1, text.get_text()
                assert box.y0 >= -1 and box.y1 <= height + 1, text.get_text()
