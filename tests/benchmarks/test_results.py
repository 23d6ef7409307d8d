import json

import pytest

from editor.benchmarks.results import Result, ResultsError, ResultsFile, find


def test_a_line_comes_back_as_it_was(make_result):
    result = make_result(lpips=0.1)
    assert Result.from_json(result.to_json()) == result
    assert "\n" not in result.to_json() and "Infinity" not in result.to_json()


def test_a_half_written_last_line_is_dropped_and_mended(tmp_path, make_result):
    file = ResultsFile(tmp_path / "deep" / "results.jsonl")
    assert file.read() == []
    file.add(make_result())
    with file.path.open("a") as stream:
        stream.write(make_result(seed=1).to_json()[:50])
    assert file.read() == [make_result()]
    file.add(make_result(seed=2))
    assert file.read() == [make_result(), make_result(seed=2)]
    assert all(json.loads(line) for line in file.path.read_text().splitlines())


def test_damage_elsewhere_is_one_sentence(tmp_path, make_result):
    file = ResultsFile(tmp_path / "results.jsonl")
    file.path.write_text("oops\n" + make_result().to_json() + "\n")
    with pytest.raises(ResultsError, match="Line 1 of .* is damaged"):
        file.read()


def test_seconds_to_a_quality(make_result):
    result = make_result(minutes=1, psnr=30, curve=((2, 20), (10, 28), (30, 27)))
    assert [result.seconds_to(psnr) for psnr in (19, 28, 29, 31)] == [2, 10, 60, None]


def test_find(make_result):
    results = [make_result(), make_result("pix2pix"), make_result(shots=5)]
    assert find(results, method="ours", shots=5) == [results[2]]
