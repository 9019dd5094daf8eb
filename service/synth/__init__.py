"""A synthetic history of registers with outcomes: nobody in it exists.

`write.write_history` makes it. What it is, and what it must not be used for: ``docs/synth.md``.

==============  ================================================================================
`plan`          what is asked for, and the seeded streams that everything is drawn from
`calendar`      school years: sessions, holidays, school days, months
`places`        the state, municipalities and schools, and how these differ
`pupils`        who the pupils are
`lives`         a pupil's way through school, semester by semester; `risk` says what it hangs on
`world`         all lives together: who enters when, and in which class
`attendance`    every lesson, in bulk; `marks`, `conduct`, `circumstances` and `structure`
                turn lives into the rows of the other registers
`trouble`       what registers do to rows: recorded late, never sent, not to be read
`bundles`       exports in the order of time: which row and which version is in which file
`files`         CSV and Parquet as the reader takes them
==============  ================================================================================
"""
