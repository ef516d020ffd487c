import pytest

from textseq.training.schedules import Schedule


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("constant", [1, 1, 1]),
        ("linear", [1, 0.5, 0]),
        ("cosine", [1, 0.5, 0]),
        ("one_cycle", [0.04, 0.6913, 0]),
        ("slanted_triangular", [1 / 32, (1 + 31 * 5 / 9) / 32, 1 / 32]),
    ],
)
def test_course_over_training(name, factors):
    schedule = Schedule(name)
    assert [schedule.factor(progress) for progress in (0, 0.5, 1)] == pytest.approx(factors, 1e-3)


def test_the_slanted_triangle_is_equation_3():
    schedule, n_steps = Schedule("slanted_triangular"), 200
    cut = n_steps // 10
    for step in range(n_steps):
        p = step / cut if step < cut else 1 - (step - cut) / (cut * (1 / 0.1 - 1))
        assert schedule.factor(step / n_steps) == pytest.approx((1 + p * 31) / 32)


def test_plateau_halves_the_rate_when_the_loss_no_longer_falls():
    schedule, factors = Schedule("plateau"), []
    for loss in (3, 2, 2, 2.5, 1, 1, 1, 1, 1):
        schedule.observe(loss)
        factors.append(schedule.factor(0.9))
    assert factors == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]
