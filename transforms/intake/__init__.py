"""land → read → rename → correct → parse → check → load: from files to accepted county-years."""
