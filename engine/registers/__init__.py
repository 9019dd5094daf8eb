"""Registers: what schools keep of their pupils, as rows with two dates.

=============  ==================================================================================
`schema`       the canonical registers, column by column
`read`         files as schools export them -> canonical rows, rejects and counts
`history`      several exports, one after the other -> every version of each row
`known`        the versions that were known on a day
`calendar`     school days, and windows of them
`adapters`     other formats than OneRoster and our extension of it
=============  ==================================================================================
"""
