"""Settings, each from an environment variable ``PUMPURS_NAME``; docs/operating.md lists them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.errors import EarlyWarningError, Problem

MB = 1024 * 1024


class SettingsError(EarlyWarningError):
    """Settings with which the service cannot start."""


class Settings(BaseSettings):
    """What an operator chooses."""

    model_config = SettingsConfigDict(env_prefix="PUMPURS_", frozen=True)

    database: str = Field("sqlite:///pumpurs.db", description="where everything is kept")
    language: Literal["lv", "en"] = Field("lv", description="language of words not asked for")
    rate: int = Field(6000, ge=1, description="requests a minute of one key or token")
    body_limit: int = Field(64 * MB, ge=1024, description="bytes that a request may have")
    body_seconds: float = Field(30.0, gt=0, description="seconds in which a request must arrive")
    key_days: int = Field(365, ge=1, description="days for which a new key is good")
    retention_days: int = Field(1825, ge=1, description="days for which persons are kept")
    idempotency_hours: int = Field(24, ge=1, description="hours for which such keys are kept")
    cors_origins: tuple[str, ...] = Field((), description="web origins that may call, if any")
    oidc_issuer: str = Field("", description="issuer of bearer tokens; empty: keys only")
    oidc_audience: str = Field("pumpurs", description="audience that tokens must have")
    oidc_jwks: str = Field("", description="address of the issuer's keys")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="of logs")
    log_requests: bool = Field(default=False, description="whether each request is logged")
    workers: int = Field(1, ge=1, le=64, description="processes that share the rate; set by serve")


def read_settings() -> Settings:
    """Return the settings; raises `SettingsError` naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(
            Problem("setting", f"PUMPURS_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}")
            for e in error.errors()
        ) from None
