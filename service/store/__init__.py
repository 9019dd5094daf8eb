"""What is kept, in SQLite or PostgreSQL: rulesets in force, assessments, keys, places, reads.

Only this package knows SQL. Assessments are a decision log: they are added and never changed; the
database itself refuses, but for taking the person out of a row (`service.store.erasure`).
"""
