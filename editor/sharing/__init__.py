"""Runs beyond this machine: files for other people and programs, the Hugging Face Hub, and rented machines."""
