-- Purpose: forget that a layer's tables are in step with a specification, since it has none any more: if its TOML
-- returns, it is published again. One row. Its tables and history stay.
UPDATE layer_state SET spec_hash = '', version = version + 1 WHERE layer = %(layer)s
