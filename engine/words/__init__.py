"""Conditions, rules, reasons and changes in plain Latvian and English.

No program inflects Latvian here: labels stand in the nominative before a colon, phrases are chosen
so that numbers and units after them stay in the nominative, and units carry their plural forms.
"""
