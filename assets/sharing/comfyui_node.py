"""A ComfyUI node that edits: put this folder into ComfyUI/custom_nodes and install onnxruntime there."""

from pathlib import Path

import numpy as np

from .edit_with_onnx import edit, image_of

FOLDER = Path(__file__).parent
EFFECTS = {path.stem: path for path in sorted(FOLDER.glob("*.onnx")) if path.with_suffix(".json").exists()}


class PairbrushEdit:
    """Edits each image of a batch at its full size."""

    CATEGORY = "image"
    FUNCTION = "edit"
    RETURN_TYPES = ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802  ComfyUI asks for this name
        """Return what the node takes."""
        strength = {"default": 1.0, "min": 0.0, "max": 1.5, "step": 0.05}
        return {"required": {"image": ("IMAGE",), "effect": (list(EFFECTS),), "strength": ("FLOAT", strength)}}

    def edit(self, image, effect, strength):
        """Return a batch, (b, h, w, 3) in [0, 1], edited."""
        photos = [image_of(2 * pixels - 1) for pixels in image[..., :3].cpu().numpy()]
        edits = np.stack([np.asarray(edit(EFFECTS[effect], photo, strength), np.float32) / 255 for photo in photos])
        return (image.new_tensor(edits),)


NODE_CLASS_MAPPINGS = {f"Pairbrush {FOLDER.name}": PairbrushEdit}
NODE_DISPLAY_NAME_MAPPINGS = {name: name for name in NODE_CLASS_MAPPINGS}
