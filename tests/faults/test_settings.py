"""Forged and damaged JSON files: config.json, run.json, pairs.json, effect.json and events.jsonl."""

import json
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor.config import Budget, RunConfig
from editor.editing.editor import Editor
from editor.errors import UserError
from editor.files import read_json
from editor.training.events import Failed, to_json
from editor.training.history import read_events, read_history
from editor.training.run_folder import RunFolder
from tests.faults.sentences import check_sentence

HUGE = 10**400

# One setting at a time, at the place that decides how much memory a model takes or how long it computes.
FORGED = {
    "hidden_size-billion": {"transformer": {"hidden_size": 10**9}},
    "hidden_size-zero": {"transformer": {"hidden_size": 0}},
    "hidden_size-negative": {"transformer": {"hidden_size": -64}},
    "hidden_size-float": {"transformer": {"hidden_size": 64.0}},
    "hidden_size-text": {"transformer": {"hidden_size": "64"}},
    "hidden_size-null": {"transformer": {"hidden_size": None}},
    "hidden_size-list": {"transformer": {"hidden_size": [64]}},
    "hidden_size-huge": {"transformer": {"hidden_size": HUGE}},
    "depth-million": {"transformer": {"depth": 10**6}},
    "depth-zero": {"transformer": {"depth": 0}},
    "heads-zero": {"transformer": {"num_heads": 0}},
    "heads-negative": {"transformer": {"num_heads": -4}},
    "mlp-nan": {"transformer": {"mlp_ratio": float("nan")}},
    "mlp-infinite": {"transformer": {"mlp_ratio": float("inf")}},
    "mlp-huge": {"transformer": {"mlp_ratio": 1e300}},
    "patch-zero": {"transformer": {"patch_size": 0}},
    "transformer-null": {"transformer": None},
    "transformer-list": {"transformer": []},
    "channels-none": {"autoencoder": {"channels": []}},
    "channels-thousands": {"autoencoder": {"channels": [8] * 5000}},
    "channels-wide": {"autoencoder": {"channels": [10**9, 8]}},
    "channels-zero": {"autoencoder": {"channels": [0, 0, 0]}},
    "channels-nested": {"autoencoder": {"channels": [[8], [8]]}},
    "channels-text": {"autoencoder": {"channels": "888"}},
    "stem-huge": {"autoencoder": {"stem_patch": 2**40}},
    "stem-zero": {"estimator": {"stem_patch": 0}},
    "pool-zero": {"estimator": {"affine_pool": 0}},
    "blocks-huge": {"autoencoder": {"num_blocks": 10**7}},
    "latents-huge": {"autoencoder": {"latent_channels": 10**8}},
    "embedder-zero": {"embedder": {"patch_size": 0}},
    "embedder-tiny": {"embedder": {"patch_size": 2}},
    "embedder-odd": {"embedder": {"patch_size": 12}},
    "tokens-millions": {"image_size": 1024, "transformer": {"patch_size": 1}, "autoencoder": {"stem_patch": 1}},
    "timesteps-huge": {"schedule": {"num_timesteps": 10**12}},
    "timesteps-zero": {"schedule": {"num_timesteps": 0}},
    "beta-nan": {"schedule": {"beta_end": float("nan")}},
    "size-huge": {"image_size": 2**20},
    "size-zero": {"image_size": 0},
    "size-negative": {"image_size": -128},
    "size-odd": {"image_size": 33},
    "group-huge": {"group_size": 10**6},
    "group-one": {"group_size": 1},
    "seed-huge": {"seed": 2**70},
    "seed-negative": {"seed": -1},
    "batch-huge": {"optimizer": {"batch_size": 10**6}},
    "rate-infinite": {"optimizer": {"learning_rate": float("inf")}},
    "rate-nan": {"optimizer": {"learning_rate": float("nan")}},
    "warmup-zero": {"optimizer": {"warmup_steps": 0}},
    "scale-more-than-all": {"augment": {"scale": 1.5}},
    "weight-negative": {"loss_weights": {"target": -1}},
    "switch-number": {"use_x_j": 1},
    "output-list": {"output": ["blend"]},
    "output-unknown": {"output": "magic"},
    "preset-endless": {"preset": "x" * 10**6},
    "unknown": {"__class__": "os.system"},
    "unknown-thousands": {f"key{n}": n for n in range(3000)},
}


@pytest.mark.parametrize("values", FORGED.values(), ids=FORGED)
def test_a_forged_config_is_refused_before_memory_is_taken(run, values):
    (run.path / "config.json").write_text(json.dumps(run.config.to_dict() | values))
    tracemalloc.start()
    start = time.thread_time()
    try:
        with pytest.raises(UserError) as caught:
            Editor.load(run.path, "cpu")
        assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    finally:
        tracemalloc.stop()
    assert time.thread_time() - start < 5
    check_sentence(str(caught.value))


# Within the bounds of each setting, but not what the weights were made with: the file decides, not the config.
OTHERS = {
    "wider": {"transformer": {"hidden_size": 1024, "depth": 8}},
    "deeper": {"transformer": {"hidden_size": 32, "depth": 2, "num_heads": 2, "patch_size": 1}},
    "other-output": {"output": "direct"},
    "with-noise": {"use_noise": True},
    "constant-context": {"use_transform": False},
    "more-levels": {"autoencoder": {"channels": [16, 24, 32, 32], "latent_channels": 8}},
}


@pytest.mark.parametrize("values", OTHERS.values(), ids=OTHERS)
def test_a_config_of_another_model_is_refused_before_memory_is_taken(run, values):
    (run.path / "config.json").write_text(json.dumps(run.config.to_dict() | values))
    with pytest.raises(UserError) as caught:
        Editor.load(run.path, "cpu")
    check_sentence(str(caught.value))


NO_JSON = {
    "empty": b"",
    "text": b"hello",
    "half": b'{"format": 1, "effect": ',
    "deep-lists": b"[" * 10**6,
    "deep-objects": b'{"a":' * 10**5,
    "digits": b'{"format": ' + b"9" * 10**5 + b"}",
    "not-utf-8": b'{"format": "\xff\xfe"}',
    "utf-16": '{"format": 1}'.encode("utf-16"),
    "null": b"null",
    "list": b"[]",
    "number": b"1",
    "string": b'"format"',
    "nan": b"NaN",
    "too-long": b" " * (17 * 2**20),
    "zeros": b"\0" * 100,
    "another-format": b'{"format": 2, "held_out": [], "effect": "a", "created": "2026-01-01T00:00:00+00:00"}',
    "format-true": b'{"format": [1], "held_out": [], "effect": "a", "created": "2026-01-01T00:00:00+00:00"}',
}


@pytest.mark.parametrize("name", ["config.json", "run.json", "pairs/pairs.json"])
@pytest.mark.parametrize("data", NO_JSON.values(), ids=NO_JSON)
def test_a_file_that_says_nothing_is_refused(run, name, data):
    (run.path / name).write_bytes(data)
    with pytest.raises(UserError) as caught:
        Editor.load(run.path, "cpu")
    check_sentence(str(caught.value))


RUN = {"format": 1, "effect": "toy", "created": "2026-01-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    "values",
    [{"created": None}, {"created": 5}, {"created": "soon"}, {"created": "0001-01-01"}, {"created": {}}, {"format": 3}],
)
def test_a_run_of_no_known_time_is_refused(run, values):
    (run.path / "run.json").write_text(json.dumps(RUN | values))
    with pytest.raises(UserError) as caught:
        RunFolder.open(run.path)
    check_sentence(str(caught.value))


@pytest.mark.parametrize("created", ["2026-01-01T00:00:00", "2026-01-01", "2026-01-01T00:00:00-11:00"])
def test_runs_and_effects_of_any_time_zone_can_be_sorted(services, fresh_run, created):
    services.workspace.create_effect("Other")
    place = services.workspace.runs_dir
    for name, moment in (("a", created), ("b", RUN["created"])):
        RunFolder.create(place / name, config=fresh_run.config, store=fresh_run.store, effect="toy")
        (place / name / "run.json").write_text(json.dumps(RUN | {"created": moment}))
    about = services.workspace.effects_dir / "toy" / "effect.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"created": created}))
    assert len(services.training.runs()) == 2
    assert len(services.workspace.effects()) == 2


@pytest.mark.parametrize("data", NO_JSON.values(), ids=NO_JSON)
def test_an_effect_that_cannot_be_read_hides_no_other(services, data):
    other = services.workspace.create_effect("Other")
    (services.workspace.effects_dir / "toy" / "effect.json").write_bytes(data)
    assert [effect.slug for effect in services.workspace.effects()] == [other.slug]


STEP = {
    "kind": "StepDone",
    "step": 5,
    "seconds": 1.0,
    "progress": 0.5,
    "losses": {"target": 0.1},
    "learning_rate": 0.001,
    "steps_per_second": 5.0,
    "eta_seconds": 1.0,
}
LINES = {
    **NO_JSON,
    "unknown-kind": b'{"kind": "Exploded"}',
    "kind-list": b'{"kind": ["StepDone"]}',
    "nothing-but-a-kind": b'{"kind": "StepDone"}',
    "step-text": json.dumps(STEP | {"step": "5"}).encode(),
    "step-huge": json.dumps(STEP | {"step": HUGE}).encode(),
    "seconds-infinite": json.dumps(STEP | {"seconds": float("inf")}).encode(),
    "seconds-nan": json.dumps(STEP | {"seconds": float("nan")}).encode(),
    "losses-list": json.dumps(STEP | {"losses": [1]}).encode(),
    "losses-text": json.dumps(STEP | {"losses": {"target": "low"}}).encode(),
    "one-key-more": json.dumps(STEP | {"more": 1}).encode(),
    "pictures-numbers": b'{"kind":"Preview","step":1,"seconds":1,"psnr":9,"ssim":1,"is_held_out":true,"pictures":[1]}',
}


@pytest.mark.parametrize(
    "line", [line for line in LINES.values() if line], ids=[name for name, line in LINES.items() if line]
)
def test_a_damaged_line_is_told_and_the_rest_is_shown(run, line):
    run.events_path.write_bytes(json.dumps(STEP).encode() + b"\n" + line.replace(b"\n", b" ") + b"\n")
    history = read_history(run)
    assert history.step == 5 and len(history.losses) == 1
    assert history.state == "failed"
    check_sentence(history.message)


def test_what_a_newer_version_has_added_is_said_to_be_that(run):
    """Every line says its format; those of the first one did not."""
    newer = {"format": 2, "kind": "Wondered", "step": 6}
    for first in (STEP, {"format": 1, **STEP}):
        run.events_path.write_text("".join(json.dumps(line) + "\n" for line in (first, newer)))
        history = read_history(run)
        assert history.step == 5 and history.state == "failed"
        assert "newer version" in check_sentence(history.message)
        assert len(read_events(run)) == 1
    assert json.loads(to_json(Failed(step=1, seconds=1.0, message="x")))["format"] == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(part=st.sampled_from(sorted(RunConfig().to_dict())), values=VALUES)
def test_any_values_are_a_config_or_a_sentence(part, values):
    try:
        config = RunConfig.from_dict({part: values})
    except UserError as error:
        check_sentence(str(error))
    else:
        assert RunConfig.from_dict(config.to_dict()) == config


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_value_error(tmp_path, data):
    path = tmp_path / "a.json"
    path.write_bytes(data)
    try:
        read_json(path)
    except ValueError as error:
        assert str(error)


@pytest.mark.parametrize("minutes", [float("nan"), float("inf"), -1, 0, 1e300, HUGE])
def test_a_time_that_never_ends_is_refused(minutes):
    with pytest.raises(UserError) as caught:
        Budget(minutes=minutes)
    check_sentence(str(caught.value))


@pytest.mark.parametrize("steps", [0, -5, HUGE])
def test_steps_that_never_end_are_refused(steps):
    with pytest.raises(UserError) as caught:
        Budget(steps=steps)
    check_sentence(str(caught.value))
