"""Papers made from a release: every writer is `write(release_folder, county_code, stat_year, folder) -> paths`.

The self-assessment report is look_up → compose (with narrate, tabulate, draw) → render; `check_report` reads an edited
report back and holds it against the release. The calculation sheet is gather_calculation → calculate → write, the
application form gather_application → write (layout in contracts/papers/application), the school plans plan_school →
write.
"""
