-- Purpose: one report without its file.
SELECT id, kind, format, title, ordered, state, share, step, message, asked_by, asked_at, finished_at, recipe, figures,
       as_of, known_at, n_demo, file_name, media, n_bytes, sha256, follows, differences, issued_at, issued_by,
       issue_number, state IN ('queued', 'running') AND beat_at < now() - interval '2 minutes' AS is_lost
FROM report WHERE id = %(id)s
