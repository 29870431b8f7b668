"""How the world asks: HTTP and batch jobs."""
