-- Purpose: a finished report's file.
SELECT r.file_name, r.media, r.sha256, f.content FROM report AS r JOIN report_file AS f ON f.report_id = r.id
WHERE r.id = %(id)s
