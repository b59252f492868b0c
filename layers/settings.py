"""The one place that reads the environment: frozen settings, read once at the edge and passed in."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that can be set from outside, as ``YUANTU_<NAME>``. With none set, ``make run`` works.

    Attributes
    ----------
    database_url : str
        Any PostGIS, as a libpq URL of a role that may create roles and schemas; empty means the private
        cluster under ``var_dir``.
    var_dir : Path
        Where the private database, kept files, caches and logs live.
    host, port : str, int
        Where the web app listens. Anything but loopback is refused while there are no accounts.
    secret_key : str
        Signs sessions and derives the passwords of the database roles; made and kept under ``var_dir``
        when not given.
    basemap_url, basemap_datum : str
        An XYZ template and the datum it is drawn in; ``gcj02`` is refused with the reason.
    tianditu_key : str
        Key of 天地图; trimmed and checked.
    dask_scheduler : str
        Address of a Dask scheduler for bulk loads; empty means a local one.
    oidc_issuer, oidc_client_id, oidc_client_secret : str
        Single sign-on, when a server is there.
    public_read : bool
        Whether a caller without an account may read what is public.
    """

    model_config = SettingsConfigDict(env_prefix="YUANTU_", frozen=True, extra="ignore")

    database_url: str = ""
    var_dir: Path = ROOT / "var"
    data_dir: Path = ROOT / "data" / "shapefiles"
    host: str = "127.0.0.1"
    port: int = Field(default=8050, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    secret_key: str = ""
    basemap_url: str = ""
    basemap_datum: str = "wgs84"
    basemap_attribution: str = ""
    tianditu_key: str = ""
    dask_scheduler: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    public_read: bool = True

    def secret(self) -> str:
        """Return the secret key, making and keeping one (mode 0600) when none was given."""
        if self.secret_key:
            return self.secret_key
        self.var_dir.mkdir(parents=True, exist_ok=True)
        path = self.var_dir / "secret_key"
        if not path.exists():
            draft = path.with_name(f"secret_key.{secrets.token_hex(4)}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(32), encoding="ascii")
            try:
                path.hardlink_to(draft)  # the first of two starters wins
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii").strip()
