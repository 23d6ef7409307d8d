"""Diffusion models of a few channels, with weights that nobody trained, in the files that diffusers writes."""

import json
import string
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionImg2ImgPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

LATENT_CHANNELS = 4
MAX_WORDS = 16  # of a prompt; each letter is one


def write_model(folder: Path, *, sees_picture: bool = False) -> Path:
    """Write the parts of a Stable Diffusion, or of an InstructPix2Pix, whose network sees the picture, too."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        StableDiffusionImg2ImgPipeline(
            vae=AutoencoderKL(
                block_out_channels=(4,)
                * 4,  # four, so that a latent is an eighth as wide as its picture, as theirs are
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                latent_channels=LATENT_CHANNELS,
                norm_num_groups=2,
            ),
            unet=UNet2DConditionModel(
                sample_size=8,
                in_channels=LATENT_CHANNELS * (1 + sees_picture),
                block_out_channels=(4, 8),
                layers_per_block=1,
                down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
                cross_attention_dim=8,
                attention_head_dim=2,
                norm_num_groups=2,
            ),
            text_encoder=CLIPTextModel(
                CLIPTextConfig(
                    vocab_size=64,
                    hidden_size=8,
                    intermediate_size=8,
                    num_hidden_layers=1,
                    num_attention_heads=2,
                    max_position_embeddings=MAX_WORDS,
                    bos_token_id=0,
                    eos_token_id=1,
                )
            ),
            tokenizer=_tokenizer(folder.with_name(f"{folder.name}-letters")),
            scheduler=PNDMScheduler(skip_prk_steps=True, steps_offset=1),
            safety_checker=None,
            requires_safety_checker=False,
            feature_extractor=None,
        ).save_pretrained(folder)
    return folder


def _tokenizer(folder: Path) -> CLIPTokenizer:
    """Return one that knows the letters, within a word and at its end."""
    letters = [letter + end for letter in string.ascii_lowercase for end in ("", "</w>")]
    words = ["<|startoftext|>", "<|endoftext|>", *letters]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=MAX_WORDS)
