"""Dialogs: the export's choices and its result, the keys, about."""
