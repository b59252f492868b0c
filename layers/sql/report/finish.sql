-- Purpose: keep a finished report with its figures; nothing happens to one that was cancelled.
WITH done AS (
    UPDATE report SET state = 'done', share = 1, step = '', finished_at = now(), title = %(title)s,
        recipe = %(recipe)s, figures = %(figures)s, as_of = %(as_of)s, known_at = %(known_at)s, n_demo = %(n_demo)s,
        file_name = %(file_name)s, media = %(media)s, n_bytes = %(n_bytes)s, sha256 = %(sha256)s,
        differences = %(differences)s
    WHERE id = %(id)s AND state IN ('queued', 'running') RETURNING id
)
INSERT INTO report_file (report_id, content) SELECT id, %(content)s FROM done RETURNING report_id
