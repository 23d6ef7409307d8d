"""Editing pictures of any size and video clips with a trained model: references, strength, frames and masks."""
