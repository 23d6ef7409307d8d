"""Pictures of what the model predicts: tensors in, `PIL.Image.Image` out, nothing else."""
