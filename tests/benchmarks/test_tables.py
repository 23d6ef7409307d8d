from dataclasses import replace

from PIL import ImageColor

from editor.benchmarks.curves import COLORS, draw_curves
from editor.benchmarks.methods import METHODS
from editor.benchmarks.tables import tables
from editor.image_files import load_image


def row(text, heading, first):
    """Return the cells of the first line that begins with `first` below a heading."""
    below = text.split(heading + "\n", 1)[1]
    line = next(line for line in below.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def make_results(make_result):
    slow, fast = ((2, 20.0), (20, 24.0)), ((2, 24.0), (20, 28.0))
    return [
        make_result("do-nothing", "a", 0, 0, psnr=20.0, curve=()),
        make_result("do-nothing", "b", 0, 0, psnr=22.0, curve=()),
        *(make_result("pix2pix-star", task, minutes=10, psnr=26.0, curve=slow) for task in "ab"),
        make_result("ours", "a", minutes=10, psnr=30.0, curve=fast),
        make_result("ours", "b", minutes=10, psnr=31.0, curve=((2, 27.0),)),
        make_result("ours", "a", minutes=1, psnr=29.0, curve=((2, 22.0), (10, 27.0))),
    ]


def test_overview_has_every_task_and_the_mean(make_result):
    text = tables(make_results(make_result))
    assert row(text, "### PSNR in dB", "method")[3:] == ["a", "b", "mean"]
    assert row(text, "### PSNR in dB", "do-nothing") == ["do-nothing", "–", "–", "20.00", "22.00", "21.00"]
    assert row(text, "### PSNR in dB", "ours | 20 | 10 min")[3:] == ["30.00", "31.00", "30.50"]
    assert row(text, "### PSNR in dB", "ours | 20 | 1 min")[3:] == ["29.00", "–", "–"]


def test_time_to_quality_takes_the_soonest_training(make_result):
    heading = "### 20 shots: seconds of training until a method has what pix2pix-star has after 10 min"
    text = tables(make_results(make_result))
    assert row(text, heading, "a") == ["a", "26.00", "10.0", "600.0"]  # of the 1 minute training, not the 10 minutes'
    assert row(text, heading, "b") == ["b", "26.00", "2.0", "600.0"]
    assert row(text, heading, "median")[2:] == ["6.0", "600.0"]


def test_means_and_tasks_have_all_figures(make_result):
    text = tables(make_results(make_result))
    assert row(text, "### 20 shots, 10 min: means over tasks", "ours")[:5] == [
        "ours", "30.50", "0.9000", "0.800 (0.700)", "20.0",
    ]  # fmt: skip
    assert row(text, "### 20 shots, 10 min: b", "ours")[1] == "31.00"
    assert "### 20 shots, 1 min: b" not in text
    assert "- Machine: A machine" in text


def test_the_frechet_distance_is_shown_where_it_was_measured(make_result):
    result = make_result()
    text = tables([replace(result, figures=replace(result.figures, frechet=12.34))])
    heading = "### 20 shots, 1 min: means over tasks"
    column = row(text, heading, "method").index("Fréchet")
    assert row(text, heading, "ours")[column] == "12.3"
    assert row(tables([result]), heading, "ours")[column] == "–"


def test_seeds_are_averaged_and_their_spread_is_shown(make_result):
    text = tables([make_result(psnr=30.0), make_result(psnr=32.0, seed=1)])
    assert row(text, "### PSNR in dB", "ours")[3] == "31.00 ± 1.41"


def test_a_task_with_too_few_pairs_is_named(make_result):
    text = tables([replace(make_result(shots=60), pairs=40)])
    assert "a has only 40 training pairs, so its 60-shot models saw 40." in text


def test_nothing_yet():
    assert "Nothing has been measured" in tables([])


def test_curves_are_drawn(tmp_path, make_result):
    draw_curves(make_results(make_result), tmp_path)
    names = sorted(path.name for path in (tmp_path / "curves").iterdir())
    assert names == ["a-20-shots-32-px.png", "b-20-shots-32-px.png"]
    picture = load_image(tmp_path / "curves" / names[0])
    assert picture.size == (900, 520)
    colors = {color for _, color in picture.getcolors(1 << 20)}
    assert {ImageColor.getrgb(COLORS[method]) for method in ("ours", "pix2pix-star", "do-nothing")} <= colors
    assert set(COLORS) == set(METHODS)
