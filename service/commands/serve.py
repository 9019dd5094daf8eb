"""``pumpurs serve``: the scoring service, run for real."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from service.commands.opened import opened_store

PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any that is free.")]


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: PortOption = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
) -> None:
    """Run the scoring service; PUMPURS_DATABASE says where everything is kept."""
    from service.serving import listen
    from service.serving import serve as run
    from service.settings import read_settings

    settings = read_settings()
    with opened_store():
        pass  # a store that cannot be used is told here, and once
    os.environ["PUMPURS_WORKERS"] = str(workers)
    with listen(host, port) as listener:
        run(listener, workers, settings.log_level)
