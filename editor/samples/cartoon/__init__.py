"""Friendly cartoon faces, drawn with Pillow from a handful of numbers, for the samples `party` and `ink`."""
