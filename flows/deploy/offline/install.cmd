@echo off
rem 离线安装(Windows x86-64，Python 3.11)：装到本文件夹的 app\，不联网。
setlocal
cd /d "%~dp0"
set PYTHONUTF8=1
py -3.11 -m venv app || goto failed
app\Scripts\python -m pip install --quiet --no-index --no-deps --require-hashes --find-links wheels\windows -r requirements.txt || goto failed
app\Scripts\python -m pip install --quiet --no-index --no-deps --find-links wheels\junheng junheng || goto failed
app\Scripts\junheng doctor --home "%~dp0data"
echo 已装好。把要检查的文件拖到 junheng.cmd 上。 / Installed.
pause
exit /b 0
:failed
echo 没有装好：需要 Python 3.11 (64位)。 / Not installed: Python 3.11 (64 bit) is needed.
pause
exit /b 1
