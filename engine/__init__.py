"""The early-warning engine: rules, their meaning and their execution.

Pure: no network, no database, no clock. Read the modules in this order: ``condition``,
``parse``, ``indicator``, ``ruleset``, ``load``, ``frame``, ``executors``, ``assess``, ``batch``.
"""
