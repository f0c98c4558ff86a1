"""The two panes that show photo and mask, their common view, and the pointer's way to the tool."""
