"""HTML: the report model drawn as one file that opens from disk with the network cut."""
