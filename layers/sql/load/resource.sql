-- Purpose: remember a received file by its content. One row per sha256; the first sender stays on record.
INSERT INTO resource (sha256, file_name, n_bytes, publisher, licence, url, data_date, received_by)
VALUES (%(sha256)s, %(file_name)s, %(n_bytes)s, %(publisher)s, %(licence)s, %(url)s, %(data_date)s, %(received_by)s)
ON CONFLICT (sha256) DO NOTHING
