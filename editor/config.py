"""Every setting of a run, as frozen dataclasses. One run = one `RunConfig` = one `config.json`.

Field names follow DiT and diffusers; letters and sections are those of arXiv 2405.12490. The switches of the paper's
Table 2 are plain fields, so an ablation is `dataclasses.replace(config, ...)` and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, replace
from math import lcm
from reprlib import repr as short_repr
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from editor.errors import UserError
from editor.validation import between, settings

OutputKind = Literal["direct", "residual", "blend", "warp", "canvas"]
RegistrationMode = Literal["auto", "on", "off"]
ColorMapMode = Literal["auto", "off"]
GrainMode = Literal["auto", "off"]
DetailMode = Literal["auto", "on", "off"]
FitMode = Literal["whole", "crop"]
MAX_SEED = 2**31 - 1
MAX_TOKENS = 64**2  # attention takes memory by the square of it
MAX_LEVELS = 6
MAX_NAME = 60  # characters; four bytes each still fit the 255 that file systems allow


Patch = Annotated[int, between(1, 16)]
Channels = Annotated[tuple[Annotated[int, between(4, 512)], ...], Field(min_length=1, max_length=MAX_LEVELS)]
Share = Annotated[float, between(0, 1)]
Weight = Annotated[float, between(0, 10_000)]


@settings
class EstimatorConfig:
    """M_x, which predicts the transformation [F, C] between two sources (Sec. 3.2)."""

    stem_patch: Patch = 4  # pixels folded into channels first; F and C are smooth, so they are predicted at 1/4 size
    channels: Channels = (48, 64, 96)  # one entry per resolution, halving each time
    affine_pool: Patch = 4  # C is this much coarser still: fine detail must come from F, or C simply repaints x_j


@settings
class EmbedderConfig:
    """M_e, which turns [F, C] into tokens for the cross-attention (Sec. 3.2)."""

    patch_size: Annotated[int, between(4, 64)] = 16  # pixels


@settings
class AutoencoderConfig:
    """The jointly trained encoder and decoder around M_y (Sec. 3.3)."""

    stem_patch: Patch = 2  # pixels folded into channels first; full resolution is what costs on a CPU
    channels: Channels = (32, 64, 128)  # one entry per resolution, halving each time
    num_blocks: Annotated[int, between(1, 8)] = 1  # residual blocks per resolution
    latent_channels: Annotated[int, between(1, 256)] = 32


@settings
class TransformerConfig:
    """The ViT inside M_y (Sec. 3.3)."""

    hidden_size: Annotated[int, between(4, 1024)] = 192
    depth: Annotated[int, between(1, 32)] = 4
    num_heads: Annotated[int, between(1, 64)] = 4
    mlp_ratio: Annotated[float, between(0.25, 8)] = 3.0
    patch_size: Patch = 2  # latent pixels

    def __post_init__(self) -> None:
        if self.hidden_size % (4 * self.num_heads):
            raise UserError(f"hidden_size={self.hidden_size} must be a multiple of 4 * num_heads={4 * self.num_heads}")


@settings
class ScheduleConfig:
    """Linear noise schedule on the latents of y_i (Sec. 3.2, "a regular linear approach")."""

    num_timesteps: Annotated[int, between(1, 10_000)] = 1000
    beta_start: Annotated[float, between(1e-8, 0.5)] = 1e-4
    beta_end: Annotated[float, between(1e-8, 0.5)] = 0.02


@settings
class AugmentConfig:
    """Ranges of the one draw that is applied to both x_j and y_j (Sec. 3.3). Zero switches a part off."""

    flip: Share = 0.5  # probability of a horizontal flip
    degrees: Annotated[float, between(0, 180)] = 10.0  # rotation is uniform in +-degrees
    translate: Share = 0.06  # share of the image side
    scale: Annotated[float, between(0, 0.9)] = 0.12  # zoom is uniform in 1 +- scale
    shear: Annotated[float, between(0, 80)] = 3.0  # degrees
    brightness: Share = 0.15
    contrast: Share = 0.15
    saturation: Share = 0.2
    hue: Annotated[float, between(0, 0.5)] = 0.1  # share of the hue circle; else few pairs are told apart by color

    def with_less_color(self, explained: float | None) -> AugmentConfig:
        """Return the same ranges with those of colors made smaller, for an effect that is a map of colors itself.

        Color jitter changes x_j and y_j alike and assumes that (x_j', y_j') still is a pair of the effect. Of a map
        from color to color that is wrong: it makes something else of the changed colors.

        Args:
            explained: Share of the effect that a color map explains, 0 to 1; None where that is not known.
        """
        names = ("brightness", "contrast", "saturation", "hue")
        return replace(self, **{name: (1 - explained) * getattr(self, name) for name in names}) if explained else self


@settings
class LossWeights:
    """One weight per field of `training.objective.Losses`, same names."""

    source: Weight = 1.0  # MSE(x_j_hat, x_j), trains M_x
    target: Weight = 1.0  # reconstruction of y_j
    # Focal frequency loss on y_j; 0 is the paper's "without L_freq". At 1 the first 200 steps are lost on "do nothing",
    # the median of all places an edit could be; 30 is blurrier (draft, photo-face-sunglasses).
    frequency: Weight = 10.0
    edges: Weight = 3.0  # differences between neighbouring pixels of y_j: crisp lines
    unchanged: Weight = 4.0  # error where the pair is the same before and after: no haze on plain paper
    move: Weight = 0.1  # how far `output="warp"` moves pixels: plain areas, which look the same anywhere, stay put
    canvas: Weight = 2.0  # what `output="canvas"` fetches from the reference against what lies in the pair itself


@settings
class OptimizerConfig:
    """Muon and AdamW (see `training.optimizers`), their schedule and the running average of the weights."""

    learning_rate: Share = 1.5e-3
    weight_decay: Share = 0.01
    warmup_steps: Annotated[int, between(1, 1_000_000)] = 50
    grad_clip: Annotated[float, between(1e-6, 1e6)] = 1.0  # maximum norm of the gradient
    ema_exponent: Annotated[float, between(0, 1000)] = 16.0  # power-function average: the last ~1/16 of the steps count
    batch_size: Annotated[int, between(1, 256)] = 4


@settings
class DetailConfig:
    """The detail filter, which works at the photo's own scale (see `models.detail_filter`).

    A run finds out from its pairs what it needs and keeps that instead of "auto", see `training.detail_probe`.
    """

    mode: DetailMode = "auto"
    size: Annotated[int, between(1, 65_536)] = 1024  # typical longest side of the pictures it learns from, in pixels
    scale: Annotated[float, between(1e-4, 1)] = 1.0  # of these pictures against the files that they were made of


@settings
class RunConfig:
    """Everything that decides how one model is built and trained, but not for how long."""

    preset: Annotated[str, Field(strict=True, max_length=MAX_NAME)] = "custom"
    image_size: Annotated[int, between(1, 1024)] = 128  # pixels, square
    fit: FitMode = "whole"  # how a picture that is not square becomes one, see `images`
    seed: Annotated[int, between(0, MAX_SEED)] = 0
    # The paper's switches (Table 2; Sec. 3.1).
    group_size: Annotated[int, between(2, 16)] = 2  # n of "n-source-to-n-target": n - 1 reference pairs and one more
    one_to_one: StrictBool = False  # "without n-n": M_x and M_y see x_j only and predict y_j from it
    use_x_j: StrictBool = True  # concatenate x_j to y_i(t)
    use_transform: StrictBool = True  # condition on M_e([F, C]) rather than on a constant
    use_skips: StrictBool = True  # encoder features of x_j go to the decoder
    use_noise: StrictBool = False  # adaptive noise in the decoder; here it changes nothing, see RESULTS.md
    output: OutputKind = "warp"  # how the decoder's answer becomes y_j_hat, see models.autoencoder
    registration: RegistrationMode = "auto"  # align targets with their sources, see `training.registration`
    color_map: ColorMapMode = "auto"  # map colors first where that explains the effect, see training.color_fit
    detail: DetailConfig = field(default_factory=DetailConfig)
    grain: GrainMode = "auto"  # lay grain over edits where the pairs have some, see training.grain_fit
    crispen: StrictBool = True  # give edits as much fine detail as the pairs have, see training.crispness
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
        if not self.use_x_j and self.output != "direct":
            raise UserError(f'use_x_j=False leaves nothing to add to: it needs output="direct", not {self.output!r}')
        multiple = self.size_multiple
        if self.image_size % multiple:
            raise UserError(f"image_size={self.image_size} must be a multiple of {multiple} up to 1024")
        for name, patch in (("transformer", self.token_size), ("embedder", self.embedder.patch_size)):
            if (tokens := (self.image_size // patch) ** 2) > MAX_TOKENS:
                raise UserError(f"{name}: {tokens} patches per picture are more than {MAX_TOKENS}; use larger patches")

    @property
    def token_size(self) -> int:
        """Pixels along one side of what a token of M_y stands for."""
        return self.autoencoder.stem_patch * 2 ** (len(self.autoencoder.channels) - 1) * self.transformer.patch_size

    @property
    def size_multiple(self) -> int:
        """The image side must be a multiple of this many pixels."""
        coarsest = lcm(2 ** (len(self.estimator.channels) - 1), self.estimator.affine_pool)
        return lcm(self.token_size, self.estimator.stem_patch * coarsest, self.embedder.patch_size)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """Build a config from plain values.

        Raises:
            UserError: A key is unknown or a value has the wrong type; nothing is ignored silently.
        """
        if not isinstance(values, Mapping):
            raise UserError(f"A config needs named settings, not {short_repr(values)}")
        return cls(**values)


MAX_MINUTES = 30 * 24 * 60
MAX_STEPS = 100_000_000


@settings
class Budget:
    """How long to train: a time or a number of steps, exactly one of them."""

    # Bounds are checked in `__post_init__`, whose sentences name minutes and steps together.
    minutes: Annotated[float, Field(strict=True, allow_inf_nan=True)] | None = None
    steps: Annotated[int, Field(strict=True)] | None = None

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise UserError("Give either a time in minutes or a number of steps.")
        if not (self.minutes if self.steps is None else self.steps) > 0:
            raise UserError("The training budget must be greater than zero.")
        if not (self.minutes or 0) <= MAX_MINUTES or not (self.steps or 0) <= MAX_STEPS:
            raise UserError(f"The training budget may be at most {MAX_MINUTES} minutes or {MAX_STEPS} steps.")


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
        ),
        "fine": RunConfig(
            preset="fine",
            image_size=512,
            estimator=EstimatorConfig(stem_patch=8),
            embedder=EmbedderConfig(patch_size=32),
            autoencoder=_LARGE_AUTOENCODER,
        ),
    }
)
