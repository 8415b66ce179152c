@echo off
rem Starts the all-docs command on Windows. Not tested, because this project's tests have no Windows machine.
rem JAVA_HOME, ALL_DOCS_CLASSPATH (separated by semicolons) and ALL_DOCS_JAVA_OPTS have the same meaning as in the file all-docs.
setlocal
set "home=%~dp0"
if not exist "%home%all-docs.jar" (
  echo Error: %home%all-docs.jar does not exist; keep this launcher in one folder with all-docs.jar. 1>&2
  exit /b 2
)
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
set "classpath=%home%all-docs.jar"
if exist "%home%lib" set "classpath=%classpath%;%home%lib\*"
if defined ALL_DOCS_CLASSPATH set "classpath=%classpath%;%ALL_DOCS_CLASSPATH%"
set "archive="
if exist "%home%all-docs.jsa" set archive=-Xshare:auto "-XX:SharedArchiveFile=%home%all-docs.jsa" -Xlog:cds*=off
set "options=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
for %%c in (bootstrap copy diff embedded-registry export fleet follow mirror report verify worker) do (
  if "%~1"=="%%c" set "options=-XX:+ExitOnOutOfMemoryError"
)
"%java%" %options% --enable-native-access=ALL-UNNAMED -Djdk.http.auth.tunneling.disabledSchemes= %ALL_DOCS_JAVA_OPTS% %archive% -cp "%classpath%" io.alldocs.cli.Main %*
exit /b %ERRORLEVEL%
