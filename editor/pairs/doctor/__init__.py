"""The doctor: what is measured in pairs, what is probably wrong with them, and repairs."""
