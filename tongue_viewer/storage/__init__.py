"""Files and the case database: photos, masks, exports, settings, and where they lie; no Qt, no torch."""
