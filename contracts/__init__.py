"""WHAT must hold: contracts of inputs and outputs, standards, codes, rules. Imports nothing of ours."""
