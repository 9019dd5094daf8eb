"""Keeping a parcel: in one transaction with its idempotency key, and before it is answered.

It was judged by the parcels that were held then. Where another came between, its number is taken:
the rows are judged again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exc
from sqlalchemy.engine import Engine

from service.identity.caller import Caller
from service.problems import Refusal
from service.store.assessments import ADD_REQUEST, Row, find_request
from service.store.connect import StoreUnavailableError, reading, writing
from service.store.parcels import Account, account_of, add_parcel
from service.usecases.register_sheets import Kept
from service.usecases.registers import Sending, rejects_stored, take
from service.usecases.sent import Reject

TRIES = 8


@dataclass(frozen=True)
class Answer:
    """What is answered: the parcel's account and the rejects of its rows."""

    account: Account
    rejects: Sequence[Reject]


def keep(engine: Engine, sending: Sending, kept: Kept, work: str, request: Row | None) -> Answer:
    """Return what rows come to when they are kept; raises as `take` does.

    Raises `StoreUnavailableError` where others came between again and again.
    """
    for _ in range(TRIES):
        taken = take(engine, sending, kept, work)
        row: dict[str, Any] = taken.row
        try:
            with writing(engine, sending.caller.place) as connection:
                if request is not None:
                    rejects = rejects_stored(taken.rejects)
                    connection.execute(ADD_REQUEST, [request | {"rejects": rejects}])
                    row["request"] = request["id"]
                add_parcel(connection, row)
        except exc.IntegrityError:
            before = None if request is None else answered(engine, sending.caller, request)
            if before is not None:
                return before
            continue
        return Answer(taken.account, taken.rejects)
    raise StoreUnavailableError("busy")


def answered(engine: Engine, caller: Caller, request: Row) -> Answer | None:
    """Return what the same request was answered with before, None where it was not.

    Raises `Refusal` where its key stood for another request.
    """
    with reading(engine, caller.place) as connection:
        earlier = find_request(connection, caller.name, request["idempotency_key"])
        if earlier is None:
            return None
        account = account_of(connection, earlier.id)
    if earlier.digest != request["digest"] or account is None:
        raise Refusal("conflict")
    return Answer(account, [Reject(**each) for each in earlier.rejects or ()])
