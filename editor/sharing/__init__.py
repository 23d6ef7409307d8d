"""What becomes of a run that leaves home: files for other people and other programs, and what they reveal."""
