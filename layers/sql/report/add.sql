-- Purpose: enter an order. Returns its number.
INSERT INTO report (kind, format, title, ordered, asked_by, follows)
VALUES (%(kind)s, %(format)s, %(title)s, %(ordered)s, %(who)s, %(follows)s)
RETURNING id
