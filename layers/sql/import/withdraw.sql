-- Purpose: take back that two records are two: the pair is proposed again. One row, or none when it was decided anew.
DELETE FROM duplicate_decision
WHERE layer = %(layer)s AND decision = 'apart'
  AND least(kept_key, other_key) = least(%(kept)s::text, %(other)s::text)
  AND greatest(kept_key, other_key) = greatest(%(kept)s::text, %(other)s::text)
