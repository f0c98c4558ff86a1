"""Widgets: they emit requests and show results, and do not know that threads, files and models exist."""
