"""Before/after pairs on disk: the store, and below it importing a person's files and checking them."""
