"""How good an edit is, in numbers: closeness, edited regions, sharpness, and a report of the main ones."""
