"""Files received and not yet published, kept under ``var/drafts`` so that a reload or a restart loses none."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.i18n import t
from app.pages.data.running import Running
from etl.options import Options
from geo.errors import NotFoundError

_ID = re.compile(r"^[0-9a-f]{12}$")
_REVIEW = 3  # what a review holds: one made by an earlier version is made again
MOST = 200  # drafts listed, the latest first


@dataclass(frozen=True)
class Draft:
    """A received file with the choices made so far.

    Attributes
    ----------
    options : dict
        The fields of :class:`etl.options.Options` that were chosen, as JSON.
    suggested : bool
        The layer was found from the headers; nobody has confirmed it.
    state : str
        ``new``, ``waiting`` (can be published), ``asking`` (something must be answered), ``published``.
    """

    id: str
    file_name: str
    n_bytes: int
    sha256: str
    received_at: str
    received_by: str = ""
    layer: str = ""
    suggested: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    state: str = "new"
    n_read: int = 0
    run: int | None = None

    def import_options(self, **more: Any) -> Options:
        """Return the choices as the import takes them."""
        given = {k: v for k, v in self.options.items() if v not in ("", None)}
        if given.get("as_of"):
            given["as_of"] = dt.date.fromisoformat(given["as_of"])
        return Options(**given | more)

    def fingerprint(self, version: int) -> str:
        """Return what decides a review: the choices and the layer's version."""
        parts = json.dumps(
            [_REVIEW, self.sha256, self.layer, self.options, version], sort_keys=True, ensure_ascii=False
        )
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


class Drafts:
    """The folder of drafts. Every method reads or writes files: call it off the event loop."""

    def __init__(self, var_dir: Path) -> None:
        self.folder = var_dir / "drafts"

    def _at(self, ident: str) -> Path:
        """Return a draft's folder.

        Raises
        ------
        NotFoundError
            No such draft.
        """
        path = self.folder / ident
        if not _ID.match(ident) or not (path / "draft.json").is_file():
            raise NotFoundError(t("import.e_no_draft"), t("import.e_no_draft_cure"))
        return path

    def add(self, received: Path, file_name: str, who: str) -> Draft:
        """Take a received file in."""
        ident = secrets.token_hex(6)
        path = self.folder / ident
        path.mkdir(parents=True)
        received.replace(path / "file")
        with (path / "file").open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        now = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).isoformat(timespec="seconds")
        draft = Draft(ident, file_name, (path / "file").stat().st_size, digest, now, who)
        self.save(draft)
        return draft

    def save(self, draft: Draft) -> None:
        """Write a draft's note, whole or not at all."""
        _write(self.folder / draft.id / "draft.json", asdict(draft))

    def get(self, ident: str) -> Draft:
        """Return a draft.

        Raises
        ------
        NotFoundError
            No such draft.
        """
        return Draft(**json.loads((self._at(ident) / "draft.json").read_text(encoding="utf-8")))

    def running(self, ident: str) -> Running:
        """Return the notes of a draft's publishing.

        Raises
        ------
        NotFoundError
            No such draft.
        """
        return Running(self._at(ident))

    def data(self, draft: Draft) -> bytes:
        """Return the file's bytes."""
        return (self._at(draft.id) / "file").read_bytes()

    def all(self) -> list[Draft]:
        """Return the drafts, the latest first."""
        found = [self.get(p.parent.name) for p in self.folder.glob("*/draft.json") if _ID.match(p.parent.name)]
        return sorted(found, key=lambda d: d.received_at, reverse=True)[:MOST]

    def remove(self, ident: str) -> None:
        """Delete a draft and its file; a published file stays among the kept resources."""
        shutil.rmtree(self._at(ident))

    def review(self, draft: Draft) -> dict[str, Any] | None:
        """Return the review kept for a draft, None when there is none."""
        path = self._at(draft.id) / "review.json"
        found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
        return found if isinstance(found, dict) else None

    def keep_review(self, draft: Draft, review: dict[str, Any]) -> None:
        """Keep a review."""
        _write(self._at(draft.id) / "review.json", review)

    def rows(self, draft: Draft, what: str) -> list[list[Any]]:
        """Return what the review found, row by row: its ``faults`` or the ``difference``.

        Raises
        ------
        NotFoundError
            Reviewed before they were kept.
        """
        path = self._at(draft.id) / f"{what}.json"
        if not path.is_file():
            raise NotFoundError(t("import.e_no_faults"), t("import.e_no_faults_cure"))
        return list(json.loads(path.read_text(encoding="utf-8"))["rows"])

    def keep_rows(self, draft: Draft, what: str, rows: list[list[Any]]) -> None:
        """Keep what the review found, row by row: the review itself names the first of each kind only."""
        _write(self._at(draft.id) / f"{what}.json", {"rows": rows})


def _write(path: Path, body: dict[str, Any]) -> None:
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    made.write_text(json.dumps(body, ensure_ascii=False, default=str), encoding="utf-8")
    made.replace(path)
