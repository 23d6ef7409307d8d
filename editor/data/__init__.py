"""Pairs as tensors for training: the dataset, its sampling and its augmentation."""
