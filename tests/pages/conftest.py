"""A slow machine is no fault of the pages: no test of theirs is judged by the clock."""

from hypothesis import settings

settings.register_profile("pages", deadline=None)
settings.load_profile("pages")
