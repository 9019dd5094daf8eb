"""Registers: what schools keep of their pupils, as rows with two dates.

=======================================  ===========================================================
`schema`                                 the canonical registers, column by column
`manifest`, `bundle`                     exports: folders with a manifest, one after the other
`strangers`, `ahead`                     what lies beside them unread, or is of days still to come
`files`, `oneroster`                     a file's rows as they stand in it
`values`, `rows`, `problems`             each row judged by itself
`known`, `twice`, `between`              rows judged together
`keys`, `holders`                        one lesson under two keys, in all exports together
`versions`, `resolve`                    rows of several exports -> every version of each row
`history`                                all versions, and those that were known on a day
`account`, `hints`, `remarks`, `sudden`  what is said of a reading
`spool`, `store`                         what is too large for memory; Parquet in canonical form
`read`                                   all of it: a folder -> history, account, rejects
`calendar`, `terms`                      school days and sessions, and windows of them
=======================================  ===========================================================
"""
