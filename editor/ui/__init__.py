"""The pages. They call `Services` and nothing else, and show what it says."""
