"""Settings, each from an environment variable ``PUMPURS_NAME``; docs/operating.md lists them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.errors import EarlyWarningError, Problem

MB = 1024 * 1024
PREFIX = "PUMPURS_"
OTHERS = {"LANG"}  # read by the command line alone


class SettingsError(EarlyWarningError):
    """Settings with which the service cannot start."""


class Settings(BaseSettings):
    """What an operator chooses."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    database: str = Field("sqlite:///pumpurs.db", description="where everything is kept")
    language: Literal["lv", "en"] = Field("lv", description="language of words not asked for")
    rate: int = Field(6000, ge=1, description="requests a minute of one key or token")
    body_limit: int = Field(64 * MB, ge=1024, description="bytes that a request may have")
    body_seconds: float = Field(30.0, gt=0, description="seconds in which a request must arrive")
    key_days: int = Field(365, ge=1, description="days for which a new key is good")
    retention_days: int = Field(1825, ge=1, description="days for which persons are kept")
    idempotency_hours: int = Field(24, ge=1, description="hours for which such keys are kept")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="web origins that may call, if any, parted by commas"
    )
    oidc_issuer: str = Field("", description="issuer of bearer tokens; empty: keys only")
    oidc_audience: str = Field("pumpurs", description="audience that tokens must have")
    oidc_jwks: str = Field("", description="address of the issuer's keys", validate_default=True)
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="of logs")
    log_requests: bool = Field(default=False, description="whether each request is logged")
    work: str = Field("", description="folder for what is unpacked while it is read")
    workers: int = Field(1, ge=1, le=64, description="processes that share the rate; set by serve")

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _by_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(each.strip() for each in value.split(",") if each.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(each.startswith(("https://", "http://")) for each in value):
            message = "an origin starts with https://"
            raise ValueError(message)
        return value

    @field_validator("work")
    @classmethod
    def _there(cls, value: str) -> str:
        if value and not Path(value).is_dir():
            message = "there is no such folder"
            raise ValueError(message)
        return value

    @field_validator("oidc_jwks")
    @classmethod
    def _fetched(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value.startswith(("https://", "http://")):
            message = "with an issuer, this is needed: it starts with https://"
            raise ValueError(message)
        return value


def read_settings() -> Settings:
    """Return the settings; raises `SettingsError` naming each variable that is wrong."""
    wrong = list(_misspelt(os.environ))
    settings = None
    try:
        settings = Settings()
    except ValidationError as error:
        for each in error.errors():
            name = PREFIX + ".".join(map(str, each["loc"])).upper()
            message = each["msg"].removeprefix("Value error, ")
            wrong.append(Problem("setting", f"{name}: {message}"))
    if wrong or settings is None:
        raise SettingsError(wrong)
    return settings


def _misspelt(environment: Mapping[str, str]) -> Iterator[Problem]:
    """Yield the variables that look like a setting and are none: what was meant would not hold."""
    known = [name.upper() for name in Settings.model_fields]
    for variable in sorted(environment):
        name = variable.removeprefix(PREFIX)
        if name == variable or name in known or name in OTHERS:
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if near:
            hint = f"did you mean '{PREFIX}{near[0]}'?"
            yield Problem("setting", f"{variable}: there is no such setting", None, hint)
