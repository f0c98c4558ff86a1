"""The open case: the document, its undo steps and the tools; QtCore and QtGui only, no widgets."""
