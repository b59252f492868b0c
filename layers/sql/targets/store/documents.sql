-- Purpose: every version of every document that was known at the instant. One row per document.
SELECT d.document_version, d.document_id, d.year, d.body, d.text, d.text_name, d.recorded_from
FROM target_document AS d
WHERE d.recorded_from <= coalesce(%(known_at)s::timestamptz, 'infinity')
  AND d.recorded_to > coalesce(%(known_at)s::timestamptz, now())
ORDER BY d.recorded_from DESC, d.document_version DESC
