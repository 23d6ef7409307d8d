"""One file per tab: handlers, which are plain functions, and `build`, which lays out and connects."""
