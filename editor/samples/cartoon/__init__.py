"""Friendly cartoon faces, drawn with Pillow from a handful of numbers, for `editor.samples.party`."""
