"""Our method beside its rivals, on the same pairs, the same machine and the same minutes (Sec. 5)."""
