"""The three sample effects that an empty workspace begins with, drawn by code."""
