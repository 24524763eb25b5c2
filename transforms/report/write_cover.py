from pathlib import Path
def write_page(report, folder): return folder/'x'
