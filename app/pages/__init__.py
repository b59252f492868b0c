"""The pages: thin callbacks, and pure functions that turn state and numbers into components."""
