"""How the flows are started by themselves: serve on this machine, or with containers."""
