import json
from dataclasses import replace

import pytest

from editor.config import PRESETS, Budget, RunConfig
from editor.errors import UserError


@pytest.mark.parametrize("name", PRESETS)
def test_round_trip_through_json(name):
    assert RunConfig.from_dict(json.loads(json.dumps(PRESETS[name].to_dict()))) == PRESETS[name]
    assert PRESETS[name].preset == name


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hiden_size": 1}, "no setting named hiden_size"),
        ({"transformer": {"depht": 1}}, "no setting named depht"),
        ({"transformer": 3}, "needs named settings"),
        ({"image_size": "128"}, "image_size cannot be '128'"),
        ({"image_size": True}, "image_size cannot be True"),
        ({"output": "magic"}, "output cannot be 'magic'"),
        ({"fit": "stretch"}, "fit cannot be 'stretch'"),
        ({"autoencoder": {"channels": [8, "x"]}}, "channels cannot be"),
        ({"image_size": 100}, "multiple of"),
        ({"image_size": 4096}, "from 1 to 1024"),
        ({"group_size": 1}, "group_size=1 must be from 2"),
    ],
)
def test_wrong_settings_are_refused_in_words(values, message):
    with pytest.raises(UserError, match=message):
        RunConfig.from_dict(values)


def test_without_x_j_there_is_nothing_to_add_to():
    with pytest.raises(UserError, match="direct"):
        replace(PRESETS["draft"], use_x_j=False)
    assert not replace(PRESETS["draft"], use_x_j=False, output="direct").use_x_j


@pytest.mark.parametrize("values", [{}, {"minutes": 1, "steps": 1}, {"minutes": 0}, {"steps": -1}, {"minutes": -0.5}])
def test_a_budget_is_one_positive_number(values):
    with pytest.raises(UserError):
        Budget(**values)


def test_a_run_from_before_the_choice_keeps_its_pictures_whole():
    values = PRESETS["draft"].to_dict()
    del values["fit"]
    assert RunConfig.from_dict(values) == PRESETS["draft"]
    cropped = replace(PRESETS["draft"], fit="crop")
    assert RunConfig.from_dict(json.loads(json.dumps(cropped.to_dict()))) == cropped
