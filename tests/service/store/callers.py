"""A caller who remembers what it was answered, for tests of faults under a running service."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.store.connect import reading
from service.store.tables import assessments
from tests.service.conftest import Api
from tests.service.world import asked

SECONDS = 20.0


class Caller:
    """Asks a running application, and remembers what it was answered."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._header = api.as_("school:r64")
        self.answered: dict[str, bytes] = {}

    def ask(self) -> int:
        """Ask for an assessment; return the status, having checked a refusal's form."""
        body = asked(f"P-{uuid4().hex}")
        said = self._api.client.post("/v1/assessments", json=body, headers=self._header)
        if said.status_code == 200:
            self.answered[said.json()["id"]] = said.content
        else:
            assert said.status_code == 503, said.text
            assert said.json()["type"] == "/problems/unavailable"
            assert int(said.headers["retry-after"]) > 0
        return said.status_code

    def ready(self) -> bool:
        """Say what `/readyz` says, and that the process answers in any case."""
        assert self._api.client.get("/healthz").status_code == 200
        return self._api.client.get("/readyz").status_code == 200

    def ask_until(self, status: int, most: int = 400) -> None:
        """Ask until there is such an answer, or it takes too long."""
        end = time.monotonic() + SECONDS
        for _ in range(most):
            if self.ask() == status:
                return
            assert time.monotonic() < end
        pytest.fail(f"no answer was {status}")

    def check_nothing_is_lost(self) -> None:
        """Check that all that was answered is in the store, word for word."""
        with reading(self._api.engine) as connection:
            wanted = sa.select(assessments.c.id, assessments.c.answer)
            kept = {row.id: row.answer.encode() for row in connection.execute(wanted)}
        assert self.answered.items() <= kept.items()
