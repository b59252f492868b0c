"""A database of an older version becomes what a new one is, and its records stay what they were."""

import psycopg2

from layers.store.db import statement
from layers.store.migrate import migrate
from tests.store.test_apart import FIRST, SHAPE, VERSIONS, put
from tests.store.worlds import ask

OLDER = """
ALTER TABLE layer_project ALTER original DROP DEFAULT, ALTER original TYPE jsonb USING original::jsonb,
                          ALTER original SET DEFAULT '{}';
DROP INDEX layer_project_key_now, layer_project_county_ix, layer_project_stage_now;
CREATE UNIQUE INDEX layer_project_key_now ON layer_project (key) WHERE recorded_to = 'infinity';
CREATE INDEX layer_project_county_ix ON layer_project (county_code) WHERE recorded_to = 'infinity';
CREATE INDEX layer_project_stage_now ON layer_project (stage)
WHERE recorded_to = 'infinity' AND stage IS NOT NULL;
UPDATE layer_state SET spec_hash = 'older'
"""


def test_indexes_of_codes_and_the_coordinates_as_they_came_are_brought_in_step(scratch_database) -> None:
    with scratch_database() as url:
        rows = [r | {"original": '{"x": "120.1", "y": "33.4", "source": "wgs84"}'} for r in FIRST]
        put(url, rows)
        shape, held = ask(url, SHAPE), ask(url, VERSIONS)
        with psycopg2.connect(url) as conn, conn.cursor() as cursor:
            cursor.execute(OLDER)
        assert ask(url, SHAPE) != shape
        with psycopg2.connect(url) as conn, conn.cursor() as cursor:
            cursor.execute(statement("schema/0085_bytes"))
        migrate(url)
        assert ask(url, SHAPE) == shape and ask(url, VERSIONS) == held
        put(url, rows)
        assert ask(url, VERSIONS) == held
        assert ask(url, "SELECT original FROM layer_project") == [(rows[0]["original"],)] * len(rows)
