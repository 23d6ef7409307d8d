"""Losses, the trainer and what it leaves on disk."""
