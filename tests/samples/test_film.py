import numpy as np

from editor.samples.film import film, film_pairs


def test_the_look_depends_on_the_color_alone():
    colors = np.random.default_rng(0).uniform(0, 255, (4, 5, 3))
    assert (film(colors)[2, 3] == film(colors[2, 3])).all()


def test_blacks_are_lifted_and_lights_stay_light():
    black, white = film(np.zeros(3)), film(np.full(3, 255.0))
    assert black.min() > 10 and black[2] > black[0], "cool"
    assert white.min() > 215 and white[0] > white[2], "warm"


def test_lighter_stays_lighter():
    grays = film(np.linspace(0, 255, 52)[:, None].repeat(3, axis=1)).mean(axis=1)
    assert (np.diff(grays) > 0).all()


def test_pictures_are_landscapes_that_differ():
    pairs = list(film_pairs(6, 64))
    assert {picture.size for pair in pairs for picture in pair} == {(64, 64)}
    sources = [np.asarray(source, float) for source, _ in pairs]
    assert min(np.abs(a - b).mean() for k, a in enumerate(sources) for b in sources[:k]) > 8
    for (source, target), again in zip(pairs, film_pairs(6, 64)):
        assert (source.tobytes(), target.tobytes()) == tuple(picture.tobytes() for picture in again)
