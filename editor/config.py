"""Every setting of a run, as frozen dataclasses. One run = one `RunConfig` = one `config.json`.

Field names follow DiT and diffusers; letters and sections are those of arXiv 2405.12490. The switches of the paper's
Table 2 are plain fields, so an ablation is `dataclasses.replace(config, ...)` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from editor.errors import UserError

OutputKind = Literal["direct", "residual", "blend", "warp"]

RegistrationMode = Literal["auto", "on", "off"]


@dataclass(frozen=True, kw_only=True)
class EstimatorConfig:
    """M_x, which predicts the transformation [F, C] between two sources (Sec. 3.2)."""

    stem_patch: int = 4  # pixels folded into channels first; F and C are smooth, so they are predicted at 1/4 size
    channels: tuple[int, ...] = (48, 64, 96)  # one entry per resolution, halving each time
    affine_pool: int = 4  # C is this much coarser still: fine detail must come from F, or C simply repaints x_j


@dataclass(frozen=True, kw_only=True)
class EmbedderConfig:
    """M_e, which turns [F, C] into tokens for the cross-attention (Sec. 3.2)."""

    patch_size: int = 16  # pixels


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig:
    """The jointly trained encoder and decoder around M_y (Sec. 3.3)."""

    stem_patch: int = 2  # pixels folded into channels first; full resolution is what costs on a CPU
    channels: tuple[int, ...] = (32, 64, 128)  # one entry per resolution, halving each time
    num_blocks: int = 1  # residual blocks per resolution
    latent_channels: int = 32


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """The ViT inside M_y (Sec. 3.3)."""

    hidden_size: int = 192
    depth: int = 4
    num_heads: int = 4
    mlp_ratio: float = 3.0
    patch_size: int = 2  # latent pixels

    def __post_init__(self) -> None:
        if self.hidden_size % (4 * self.num_heads):
            raise UserError(f"hidden_size={self.hidden_size} must be a multiple of 4 * num_heads={4 * self.num_heads}")


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Linear noise schedule on the latents of y_i (Sec. 3.2, "a regular linear approach")."""

    num_timesteps: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02


@dataclass(frozen=True, kw_only=True)
class AugmentConfig:
    """Ranges of the one draw that is applied to both x_j and y_j (Sec. 3.3). Zero switches a part off."""

    flip: float = 0.5  # probability of a horizontal flip
    degrees: float = 10.0  # rotation is uniform in +-degrees
    translate: float = 0.06  # share of the image side
    scale: float = 0.12  # zoom is uniform in 1 +- scale
    shear: float = 3.0  # degrees
    brightness: float = 0.15
    contrast: float = 0.15
    saturation: float = 0.2
    hue: float = 0.1  # share of the hue circle; without it, twenty emojis are learned by their colours


@dataclass(frozen=True, kw_only=True)
class LossWeights:
    """One weight per field of `training.objective.Losses`, same names."""

    source: float = 1.0  # MSE(x_j_hat, x_j), trains M_x
    target: float = 1.0  # reconstruction of y_j
    # Focal frequency loss on y_j; 0 is the paper's "without L_freq". At 1 the first 200 steps are lost on "do nothing",
    # the median of all places an edit could be; 30 is blurrier (draft, photo-face-sunglasses).
    frequency: float = 10.0
    move: float = 0.1  # how far `output="warp"` moves x_j's pixels: plain areas, which look the same anywhere, stay put


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """Muon and AdamW (see `training.optimizers`), their schedule and the running average of the weights."""

    learning_rate: float = 1.5e-3
    weight_decay: float = 0.01
    warmup_steps: int = 50
    grad_clip: float = 1.0  # maximum norm of the gradient
    ema_exponent: float = 16.0  # power-function average: weights of the last ~1/16 of the steps count most
    batch_size: int = 8


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """Everything that decides how one model is built and trained, but not for how long."""

    preset: str = "custom"
    image_size: int = 128  # pixels, square
    seed: int = 0
    # The paper's switches (Table 2; Sec. 3.1).
    group_size: int = 2  # n of "n-source-to-n-target": n - 1 reference pairs and the pair to predict
    one_to_one: bool = False  # "without n-n": M_x and M_y see x_j only and predict y_j from it
    use_x_j: bool = True  # concatenate x_j to y_i(t)
    use_transform: bool = True  # condition on M_e([F, C]) rather than on a constant
    use_skips: bool = True  # encoder features of x_j go to the decoder
    use_noise: bool = True  # adaptive noise in the decoder
    output: OutputKind = "warp"  # how the decoder's answer becomes y_j_hat, see models.autoencoder
    registration: RegistrationMode = "auto"  # take chance shifts between sources and targets away, see training
    # Parts.
    estimator: EstimatorConfig = field(default_factory=EstimatorConfig)
    embedder: EmbedderConfig = field(default_factory=EmbedderConfig)
    autoencoder: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    transformer: TransformerConfig = field(default_factory=TransformerConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss_weights: LossWeights = field(default_factory=LossWeights)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)

    def __post_init__(self) -> None:
        if self.group_size < 2:
            raise UserError(f"group_size={self.group_size} must be 2 or more")
        if not self.use_x_j and self.output != "direct":
            raise UserError(f'use_x_j=False leaves nothing to add to: it needs output="direct", not {self.output!r}')
        multiple = self.size_multiple
        if self.image_size % multiple or not multiple <= self.image_size <= 1024:
            raise UserError(f"image_size={self.image_size} must be a multiple of {multiple} up to 1024")

    @property
    def size_multiple(self) -> int:
        """The image side must be a multiple of this many pixels."""
        latent = self.autoencoder.stem_patch * 2 ** (len(self.autoencoder.channels) - 1)
        coarsest = max(2 ** (len(self.estimator.channels) - 1), self.estimator.affine_pool)
        estimator = self.estimator.stem_patch * coarsest
        return max(latent * self.transformer.patch_size, estimator, self.embedder.patch_size)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Build a config from plain values.

        Raises:
            UserError: A key is unknown or a value has the wrong type; nothing is ignored silently.
        """
        return _build(cls, values)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How long to train: a time or a number of steps, exactly one of them."""

    minutes: float | None = None
    steps: int | None = None

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise UserError("Give either a time in minutes or a number of steps.")
        if (self.minutes or self.steps or 0) <= 0:
            raise UserError("The training budget must be greater than zero.")


def _build(cls: type, values: Mapping[str, Any]) -> Any:
    if not isinstance(values, Mapping):
        raise UserError(f"{cls.__name__} needs named settings, not {values!r}")
    hints = get_type_hints(cls)
    if unknown := sorted(set(values) - set(hints)):
        raise UserError(f"{cls.__name__} has no setting named {', '.join(unknown)}")
    return cls(**{name: _convert(f"{cls.__name__}.{name}", hints[name], v) for name, v in values.items()})


def _convert(name: str, hint: Any, value: Any) -> Any:
    if is_dataclass(hint):
        return _build(hint, value)
    if get_origin(hint) is Literal:
        valid = value in get_args(hint)
    elif get_origin(hint) is tuple:
        valid = isinstance(value, (list, tuple)) and all(type(item) is int for item in value)
        value = tuple(value) if valid else value
    elif hint is float:
        valid = type(value) in (int, float)
    else:
        valid = type(value) is hint
    if not valid:
        raise UserError(f"{name} cannot be {value!r}")
    return value


# Larger pictures are folded more at the stems, so that every preset has the same grid of tokens, and about the same
# network, for the same content; the finer detail is the decoder's.
_LARGE_AUTOENCODER = AutoencoderConfig(stem_patch=4, channels=(64, 96, 128))

PRESETS: Mapping[str, RunConfig] = MappingProxyType(
    {
        "draft": RunConfig(preset="draft", image_size=128),
        "standard": RunConfig(
            preset="standard",
            image_size=256,
            estimator=EstimatorConfig(stem_patch=8),
            autoencoder=_LARGE_AUTOENCODER,
            transformer=TransformerConfig(patch_size=1),
            optimizer=OptimizerConfig(batch_size=4),
        ),
        "fine": RunConfig(
            preset="fine",
            image_size=512,
            estimator=EstimatorConfig(stem_patch=8),
            embedder=EmbedderConfig(patch_size=32),
            autoencoder=_LARGE_AUTOENCODER,
            optimizer=OptimizerConfig(batch_size=4),
        ),
    }
)
