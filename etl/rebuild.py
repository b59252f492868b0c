"""A layer from its kept files: every standing import read again as it was, and what differs put right."""

from __future__ import annotations

import functools
from dataclasses import replace

from etl import collect
from etl.headers import Dictionary
from etl.pipeline import Context, answer, prepare, replayed
from etl.read import read_file
from etl.standing import read_standing
from layers.store.rebuild import Rebuilt, StandingRun, rebuild
from layers.store.staging import Batch


def rebuild_layer(layer_id: str, context: Context, *, reason: str = "", started_by: str = "") -> Rebuilt:
    """Replay all published runs of a layer from the kept files, and write what differs as one run.

    Raises
    ------
    NotFoundError
        No such layer.
    ReadError
        A kept file is missing or was changed; nothing was written.
    """
    layer = context.catalogue.layer(layer_id)
    gazetteer = context.places()

    def again(run: StandingRun) -> Batch:
        options = replayed(run.origin)
        data = collect.recall(str(run.resource), context.var_dir)
        table = read_file(data, run.file_name, sheet=options.sheet, known=Dictionary(layer).knows)
        if not table.others:  # parts of a file go by their own notes each
            table = replace(table, notes=tuple(dict.fromkeys((*table.notes, *run.origin.notes))))
        standing = read_standing(context.dsn, layer, before=run.recorded_at, records=False)
        made = prepare(
            table, layer, context.catalogue, options, gazetteer, run.file_name, run.origin.data_date, standing,
            namesakes=frozenset(run.origin.options.get("namesakes", ())),
            answered=functools.partial(answer, context, layer) if table.others else None,
        )  # fmt: skip
        return made.batch

    return rebuild(context.dsn, layer, context.catalogue, again, reason=reason, started_by=started_by)
