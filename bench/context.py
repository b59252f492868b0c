"""What every row needs: sizes, data, the private database, the peers' venv."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.data import SEED, Counties, Points, make_points, read_counties
from bench.database import Database
from layers.settings import ROOT


@dataclass
class Bench:
    """One run of the benchmark.

    Parameters
    ----------
    rows : int
        How many points the generated layer has.
    folder : Path
        Where the private database and files live, ``var/bench``.
    """

    rows: int
    seed: int = SEED
    folder: Path = field(default_factory=lambda: ROOT / "var" / "bench")

    _sizes: dict[int, tuple[Points, Database]] = field(default_factory=dict)

    @property
    def venv(self) -> Path:
        """The peers' venv."""
        return self.folder.with_name("bench-venv")

    @cached_property
    def counties(self) -> Counties:
        """The shipped counties."""
        return read_counties()

    @cached_property
    def points(self) -> Points:
        """The generated points."""
        return make_points(self.rows, self.counties, self.seed)

    @cached_property
    def database(self) -> Database:
        """The private database, started with its first use."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return Database(self.folder)

    def at_size(self, rows: int) -> tuple[Points, Database]:
        """Return points and a filled layer of another size, in a database of their own on the same server."""
        if rows not in self._sizes:
            if rows == self.rows:
                points, database = self.points, self.database
            else:
                points = make_points(rows, self.counties, self.seed)
                database = Database(self.folder, f"bench_{rows}")
            database.fill(self.counties, points)
            self._sizes[rows] = (points, database)
        return self._sizes[rows]

    @cached_property
    def shipped(self) -> str:
        """The superuser's URL of a database with the shipped and demonstration data."""
        from bench.serving import shipped

        return shipped(self.database)

    def close(self) -> None:
        """Stop the private database; its data stay for the next run."""
        if "database" in self.__dict__:
            self.database.stop()
