-- Purpose: the events, figures and area shares of one current record. One row per thing, as JSON.
SELECT 'event', to_jsonb(e) FROM {event} AS e WHERE e.id = %(id)s AND e.recorded_to = 'infinity'
UNION ALL
SELECT 'figure', to_jsonb(f) FROM {figure} AS f WHERE f.id = %(id)s AND f.recorded_to = 'infinity'
UNION ALL
SELECT 'share', to_jsonb(a) FROM area_share AS a
JOIN {table} AS t ON t.version_id = a.version_id AND t.id = %(id)s AND t.recorded_to = 'infinity'
WHERE a.layer = %(layer)s
