"""HOW: plain functions, one verb per module. No Prefect here."""
