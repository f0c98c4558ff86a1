"""Jobs in threads: runs any job of the program in a QThread, and knows none of them."""
