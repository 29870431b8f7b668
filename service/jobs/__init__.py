"""Batch jobs: each row of the inputs with its answer, in order, in one output that is whole or not there."""
