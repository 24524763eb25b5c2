"""WHERE: the working store, and releases. The only folder that touches the disk layout."""
