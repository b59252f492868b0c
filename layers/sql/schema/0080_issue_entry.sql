-- Purpose: the faults of a held row are found by its run and entry, however many the run has; without this a page
-- of a quarantine of ten thousand rows compared each with every fault. Covers what the index on run_id covered.
CREATE INDEX issue_entry ON issue (run_id, entry_number);
DROP INDEX issue_run_id_row_no_idx;
