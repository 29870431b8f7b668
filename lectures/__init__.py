"""The lectures' exercises: each file is read and run by itself, `python -m lectures.NAME`."""
