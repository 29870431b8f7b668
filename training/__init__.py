"""Offline: rows to a bundle, graded."""
