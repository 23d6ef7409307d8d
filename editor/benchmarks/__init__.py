"""Benchmarks: our method, its ablations and pix2pix on the same pairs, machine and training time (Sec. 5)."""
