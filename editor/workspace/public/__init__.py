"""Public mode: a workspace, limits and a place in the queue for every visitor."""
