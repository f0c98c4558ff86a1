"""Values and pure functions: no Qt, no torch, no files."""
