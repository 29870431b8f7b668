"""Versions of a model, one of them current: in a folder, or in MLflow's registry."""
