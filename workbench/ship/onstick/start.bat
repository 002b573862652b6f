@echo off
rem Starts the workbench from this stick: finds a Python that fits, and leaves the rest to it.
rem Further words are passed on:  start.bat --class
setlocal
set "HERE=%~dp0"
set "FOUND="
set "PY="
call :try "%HERE%python\python.exe"
for %%v in (3.13 3.12 3.11) do call :try py -%%v
call :try python
call :try python3
for %%v in (313 312 311) do call :try "%LOCALAPPDATA%\Programs\Python\Python%%v\python.exe"
for %%v in (313 312 311) do call :try "%ProgramFiles%\Python%%v\python.exe"
if not defined PY goto none

chcp 65001 >nul 2>&1
%PY% -E -s -B "%HERE%stick\start.py" %*
exit /b %errorlevel%

:try
if defined PY exit /b
set CANDIDATE=%*
rem A full path that leads nowhere is not asked: Windows would answer it with a message of its own.
if not "%~2"=="" goto ask
if not "%~1"=="%~nx1" if not exist "%~1" exit /b
:ask
%CANDIDATE% -E -s -B -c pass >nul 2>&1
if errorlevel 1 exit /b
set "FOUND=yes"
%CANDIDATE% -E -s -B "%HERE%stick\target.py" >nul 2>&1
if errorlevel 1 exit /b
set PY=%CANDIDATE%
exit /b

:none
set "WHAT=python-missing"
if defined FOUND set "WHAT=python-other"
set "LANGUAGE=en"
for /f "tokens=3" %%l in ('reg query "HKCU\Control Panel\International" /v LocaleName 2^>nul') do set "LANGUAGE=%%l"
set "LANGUAGE=%LANGUAGE:~0,2%"
if not exist "%HERE%stick\words\%WHAT%.%LANGUAGE%.txt" set "LANGUAGE=en"
chcp 65001 >nul 2>&1
type "%HERE%stick\words\%WHAT%.%LANGUAGE%.txt"
pause
exit /b 1
