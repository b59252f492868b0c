"""The counties that records were in: what a look at every version says."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.registry import catalogue
from layers.store.db import role_dsn
from layers.store.duplicates import read_moved
from layers.store.load import RunInfo, publish
from tests.store.worlds import NORTH_WEST, SOUTH_EAST, SOUTH_WEST, ask, batch
from tests.support import SECRET_KEY

CAT = catalogue()
PROJECT = CAT.layers["project"]
EVERY = "SELECT key, array_agg(DISTINCT county_code) FROM layer_project GROUP BY key"
FILES = st.lists(
    st.dictionaries(st.sampled_from("甲乙丙"), st.sampled_from([SOUTH_WEST, SOUTH_EAST, NORTH_WEST, "unlocated"])),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES)
def test_moved_records_are_those_of_several_counties(database_url: str, files: list[dict[str, str]]) -> None:
    writer = role_dsn(database_url, "yuantu_writer", SECRET_KEY)
    for named in files:
        rows = [{"name": name, "county_code": county, "unit_code": county} for name, county in named.items()]
        if rows:
            publish(writer, PROJECT, CAT, batch(PROJECT, rows), RunInfo(mode="replace"))
    several = {key: frozenset(counties) for key, counties in ask(database_url, EVERY) if len(counties) > 1}
    assert read_moved(writer, PROJECT) == several
