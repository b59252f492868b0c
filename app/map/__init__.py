"""The map: its base map, and the TypeScript that draws it (``src``, bundled to ``app/assets``)."""
