"""One assessment in process: durable_rules, reference and evidence together, twenty rules.

``PUMPURS_ASSESSMENTS`` sets how many assessments the memory is watched over (2 million).
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.twelve import report, rows, ruleset
from engine.assess import Assessor
from engine.condition import Record
from engine.executors.durable import Durable
from engine.ruleset import Ruleset

ASSESSMENTS = int(os.environ.get("PUMPURS_ASSESSMENTS", "2_000_000"))
FIRST = min(100_000, ASSESSMENTS // 2)


def twenty() -> Ruleset:
    """Return twenty rules: the twelve, and eight of their copies."""
    both = ruleset(times=2)
    return replace(both, rules=both.rules[:20])


def memory() -> float:
    """Return this process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Time single assessments, then watch the memory over many."""
    rules = twenty()
    assessor, durable = Assessor(rules), Durable(rules)

    def assess(record: Record) -> None:
        found = assessor.assess(record)
        assert durable.truths(record) == found.finding.truths

    records = list(rows(20_000).iter_rows(named=True))
    times = []
    for record in [*records[:2000], *records]:
        start = time.perf_counter()
        assess(record)
        times.append(time.perf_counter() - start)
    ordered = sorted(times[2000:])
    p50, p99 = (1e6 * ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    report("one assessment, 20 rules, p50 in microseconds", p50, "<= 100", good=p50 <= 100)
    report("one assessment, 20 rules, p99 in microseconds", p99, "<= 400", good=p99 <= 400)
    endless = (record for _ in iter(int, 1) for record in records)
    for record in islice(endless, FIRST):
        assess(record)
    before = memory()
    for record in islice(endless, ASSESSMENTS - FIRST):
        assess(record)
    growth = 100 * (memory() / before - 1)
    what = f"memory growth in per cent, {FIRST:,} to {ASSESSMENTS:,} assessments"
    report(what, growth, "< 5", good=growth < 5)


if __name__ == "__main__":
    main()
