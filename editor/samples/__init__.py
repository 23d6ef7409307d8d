"""The sample effect that an empty workspace begins with, drawn by code."""
