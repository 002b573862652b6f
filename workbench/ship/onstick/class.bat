@echo off
rem Starts the workbench for a whole class: the others in the room join with the address and the code that it shows.
call "%~dp0start.bat" --class %*
