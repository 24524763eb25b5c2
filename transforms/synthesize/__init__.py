"""Made-up input data, marked as such in every row: the demo county."""
