"""One module or package per tab: handlers, which are plain functions, and `build`, which lays out and connects them."""
