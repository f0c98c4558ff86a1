"""tongue-viewer: masks for folders of tongue photographs. Research use; not a medical device."""
