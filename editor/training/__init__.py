"""The trainer with its losses and fits, a run's folder on disk, and effect files."""
