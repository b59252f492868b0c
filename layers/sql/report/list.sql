-- Purpose: reports, the latest first. One row per order, without its file; is_lost: its process has ended.
SELECT id, kind, format, title, state, share, step, message, asked_by, asked_at, finished_at, as_of, known_at, n_demo,
       file_name, n_bytes, follows, differences, issued_at, issued_by, issue_number,
       state IN ('queued', 'running') AND beat_at < now() - interval '2 minutes' AS is_lost
FROM report ORDER BY asked_at DESC, id DESC LIMIT %(limit)s
