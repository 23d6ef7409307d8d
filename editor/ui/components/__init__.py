"""Pieces of a page: data in, HTML out."""
