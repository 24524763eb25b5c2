"""WHEN: the order of the steps. The only folder that imports Prefect."""
