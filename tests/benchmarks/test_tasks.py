import pytest

from editor.benchmarks.tasks import opened_task
from editor.pairs.errors import PairError
from editor.pairs.importing.opening import opened_pairs
from tests.conftest import draw_toy_pair


@pytest.fixture
def said():
    """Messages and questions while pairs were opened."""
    return []


@pytest.fixture
def opened(said):
    return lambda path: opened_pairs(path, say=said.append, ask=said.append)


def test_our_own_layout_is_taken_as_it_is(task, opened, said):
    directory = task.train_pairs.directory.parent
    with opened_task(directory, opened) as found:
        assert found.name == "toy"
        assert found.training(60, 32).names == task.training(60, 32).names
        assert found.test(32).names == task.test(32).names
    assert not said


def test_pairs_are_taken_as_training_takes_them(tmp_path, opened, said):
    for folder, count in (("train", 4), ("test", 2)):
        (tmp_path / "mine" / folder).mkdir(parents=True)
        for seed in range(count):
            for name, picture in zip(("IMG_{}.JPG", "IMG_{}-Edit.jpg"), draw_toy_pair(seed, 32)):
                picture.save(tmp_path / "mine" / folder / name.format(1000 + seed), format="JPEG")
    with opened_task(tmp_path / "mine", opened) as task:
        assert task.training(3, 32).names == ("IMG_1000", "IMG_1001", "IMG_1002")
        assert len(task.test(32)) == 2
    assert [sentence.partition(".")[0] for sentence in said] == ["4 pairs found", "2 pairs found"]


def test_a_task_needs_both_folders_and_pairs_in_each(task, tmp_path, opened):
    directory = task.train_pairs.directory.parent
    with (
        pytest.raises(PairError, match=r"There is no folder .*train\. A task is a folder"),
        opened_task(tmp_path, opened),
    ):
        pass
    for path in (directory / "test" / "target").iterdir():
        path.unlink()
    with pytest.raises(PairError, match="has no partner"), opened_task(directory, opened):
        pass
