@echo off
rem 离线安装(Windows x86-64，Python 3.11)：装到本文件夹的 app\，不联网。
setlocal
cd /d "%~dp0"
py -3.11 -m venv app || (echo 需要 Python 3.11 & pause & exit /b 1)
for %%f in (wheels\windows\*.whl) do app\Scripts\pip install --quiet --no-index --no-deps "%%f" || (pause & exit /b 1)
for %%f in (wheels\junheng\*.whl) do app\Scripts\pip install --quiet --no-index --no-deps "%%f" || (pause & exit /b 1)
set PYTHONUTF8=1
app\Scripts\junheng doctor --home "%~dp0data"
echo 已装好。把要检查的文件拖到 junheng.cmd 上。
pause
