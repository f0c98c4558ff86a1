"""What the pointer does to the document: brush, eraser, hand."""
