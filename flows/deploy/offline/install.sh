#!/bin/sh
# 离线安装(Linux x86-64，Python 3.11)：装到本文件夹的 app/，不联网。
# Offline installation into app/ beside this file; no network is used.
set -eu
cd "$(dirname "$0")"
PYTHON=${PYTHON:-python3}
"$PYTHON" -c 'import sys; sys.exit(0 if sys.version_info[:2] == (3, 11) else "需要 Python 3.11 / Python 3.11 is needed")'
"$PYTHON" -m venv app
app/bin/python -m pip install --quiet --no-index --no-deps --require-hashes --find-links wheels/linux -r requirements.txt
app/bin/python -m pip install --quiet --no-index --no-deps --find-links wheels/junheng junheng
app/bin/python -m compileall -q app/lib || true
app/bin/junheng doctor --home "${JUNHENG_HOME:-$PWD/data}"
echo "已装好 / installed：$PWD/app/bin/junheng"
