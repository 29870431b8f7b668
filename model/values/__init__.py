"""What was said to what it means: times, places and counts, by one policy (docs/values.md)."""
