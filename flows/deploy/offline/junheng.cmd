@echo off
rem 把一个或几个文件拖到这个图标上：检查，并打开问题清单。
setlocal
cd /d "%~dp0"
set PYTHONUTF8=1
chcp 65001 >nul
if "%~1"=="" (
  app\Scripts\junheng --help
) else (
  app\Scripts\junheng check %* --workbook -o "%~dp0问题清单"
  start "" "%~dp0问题清单\问题清单.xlsx"
)
pause
