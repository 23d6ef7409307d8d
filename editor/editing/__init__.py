"""Editing pictures of any size with a trained model: references, strength, and the region that may change."""
