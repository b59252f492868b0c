-- Purpose: remember what was decided of a pair; a later decision replaces an earlier one. One row.
INSERT INTO duplicate_decision (layer, kept_key, other_key, decision, reason, decided_by, decided_at, run_id)
VALUES (%(layer)s, %(kept)s, %(other)s, %(decision)s, %(reason)s, %(by)s, clock_timestamp(), %(run_id)s)
ON CONFLICT (layer, least(kept_key, other_key), greatest(kept_key, other_key)) DO UPDATE
SET kept_key = excluded.kept_key, other_key = excluded.other_key, decision = excluded.decision,
    reason = excluded.reason, decided_by = excluded.decided_by, decided_at = excluded.decided_at,
    run_id = excluded.run_id
