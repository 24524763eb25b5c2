"""Layouts of official papers, as data: tables, columns, sentences, codes."""
