@echo off
rem 把一个或几个文件拖到这个图标上：检查，并打开问题清单。
setlocal
cd /d "%~dp0"
set PYTHONUTF8=1
if "%~1"=="" (
  app\Scripts\junheng --help
) else (
  app\Scripts\junheng check %* --open -o "%~dp0findings"
)
pause
