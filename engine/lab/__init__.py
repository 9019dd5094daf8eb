"""The analyst's pictures, tables and sliders: what notebooks show, and nothing that they decide.

Altair, great-tables and ipywidgets stand here alone; they come with the extra ``lab``.
"""
