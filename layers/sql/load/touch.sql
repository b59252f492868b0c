-- Purpose: a record whose dated events or figures are new has changed, though its row says what it said. Reads
-- stage_row, stage_event and stage_figure.
UPDATE stage_row SET _touched = true
WHERE NOT _touched AND id IN (SELECT id FROM stage_event WHERE is_new UNION SELECT id FROM stage_figure WHERE is_new)
