"""The HTTP interface: /api/v1, /tiles, /ogc, health and errors."""
