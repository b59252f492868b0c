"""The stored rollup, writing side: which counts and sums every load keeps in step."""

from __future__ import annotations

from psycopg2 import sql

from layers.spec import Layer

PLACES = ("version_id", "is_demo", "data_date", "county_code", "unit_code", "township_code")


def kept_parts(layer: Layer) -> dict[str, sql.Composable]:
    """Return the pieces of ``rollup/delta`` and ``rollup/recompute``: the table, its columns, sums and values."""
    fields = [f for f in layer.fields if f.role == "extensive"]
    columns = [sql.Identifier("t", name) for name in (*PLACES, *(f.id for f in fields))]
    sums: list[sql.Composable] = [sql.SQL("sum(m.sign) AS total")]
    values: list[sql.Composable] = [sql.SQL("('n', 0::bigint, s.total::numeric)")]
    for number, spec in enumerate(fields):
        column = sql.Identifier("m", spec.id)
        names = {"x": column, "t": sql.Identifier(f"t{number}"), "m": sql.Identifier(f"m{number}")}
        sums.append(
            sql.SQL("sum(m.sign * {x}::numeric) AS {t}, sum(m.sign) FILTER (WHERE {x} IS NULL) AS {m}").format(**names)
        )
        values.append(sql.SQL("({}, s.{}, s.{})").format(sql.Literal(f"sum_{spec.id}"), names["m"], names["t"]))
    return {
        "table": sql.Identifier(layer.table),
        "columns": sql.SQL(", ").join(columns),
        "sums": sql.SQL(", ").join(sums),
        "values": sql.SQL(", ").join(values),
    }
