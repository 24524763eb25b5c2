"""Papers made from a release: every writer is `write(release_folder, county_code, stat_year, folder) -> paths`."""
