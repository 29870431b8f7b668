from pathlib import Path

from matplotlib.figure import Figure

from lectures.show import save, spread


def draw(figure: Figure) -> None:
    figure.subplots().plot([1, 2], [3, 4], label="line")
    figure.axes[0].legend()


def test_the_same_plot_is_the_same_file(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        save(draw, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert ">line</text>" in (tmp_path / "one.svg").read_text()


def test_a_spread_is_mean_and_standard_deviation() -> None:
    assert spread([1, 2, 3]) == "2.00 ± 1.00"
