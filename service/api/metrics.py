"""Metrics for Prometheus: counts and times by route, never by pupil or place."""

from __future__ import annotations

import os

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

log = structlog.get_logger()
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """The metrics of one process; with several workers a scrape adds them up."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._routes: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.requests = Counter(
            "pumpurs_requests",
            "Requests by route, method and status",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "pumpurs_request_seconds",
            "Seconds from a request's first byte to its answer",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        assessed = Counter(
            "pumpurs_assessments", "Assessments answered", ["stored"], registry=self.registry
        )
        self.assessed = {True: assessed.labels("yes"), False: assessed.labels("no")}
        self.disagreements = Counter(
            "pumpurs_executor_disagreements",
            "Assessments on which durable_rules and the reference differed",
            registry=self.registry,
        )
        self.refused_callers = Counter(
            "pumpurs_refused_callers", "Keys and tokens refused", ["reason"], registry=self.registry
        )

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request and how long it took."""
        key = route, method, status
        found = self._routes.get(key)
        if found is None:
            found = self.requests.labels(*key), self.seconds.labels(route)
            self._routes[key] = found
        found[0].inc()
        found[1].observe(seconds)

    def disagreed(self, ruleset: str, times: int = 1) -> None:
        """Count and log that another executor said something else than the reference."""
        self.disagreements.inc(times)
        log.warning("an executor and the reference disagree", ruleset=ruleset, times=times)

    def text(self) -> tuple[bytes, str]:
        """Return all metrics as Prometheus reads them, and their media type."""
        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST
