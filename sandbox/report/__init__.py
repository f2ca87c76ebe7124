"""A run as an HTML page, made from the run's record alone."""
