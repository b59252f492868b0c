"""On files with known truth the datum is never silently wrong, and mostly found without asking."""

import ast
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from etl.gazetteer import Known
from geo.errors import InputError
from tests.data.datum import make
from tests.data.datum.make import FILES, TRUTH, File
from tests.etl.world import found, gazetteer, take
from tests.support import syntax_of

PLACES = {"": gazetteer()} | {by: gazetteer(known=Known(**{f"by_{by}": TRUTH})) for by in ("name", "key")}
TOLERANCE = 2e-6  # degrees, some 20 cm: a wrong datum lies 459 m off, a wrong zone many kilometres


def outcome(file: File) -> str:
    """``right``, ``asks`` or ``wrong``."""
    try:
        made = take(file.data, file.name, places=PLACES[file.known])
    except InputError as refusal:
        assert refusal.cure
        return "asks"
    rows = made.batch.rows.set_index("name")
    if set(rows.index) != set(file.truth):
        return "wrong"
    off = [np.subtract((rows.loc[n].geom.x, rows.loc[n].geom.y), p) for n, p in file.truth.items()]
    return "right" if np.abs(off).max() < TOLERANCE and made.datum["evidence"] else "wrong"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_a_file_is_read_right_or_asked_about(file: File) -> None:
    assert outcome(file) == ("asks" if file.asks else "right")


def test_the_set_is_large_enough_and_most_of_it_needs_no_question() -> None:
    assert len({f.name for f in FILES}) == len(FILES) >= 40
    assert Counter(f.asks for f in FILES)[False] >= 30


def test_the_truth_comes_from_elsewhere() -> None:
    tree = syntax_of(Path(make.__file__))
    named = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    named |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not {n for n in named if n.split(".")[0] in ("geo", "layers", "etl", "app", "tests")}


def test_columns_wholly_exchanged_are_read_right_and_said() -> None:
    for file in FILES:
        if file.name.endswith("_columns_exchanged.csv"):
            made = take(file.data, file.name)
            assert found(made, "columns_exchanged") == [None]
            assert "与表头相反" in made.datum["evidence"][-1]
