; The installer for Windows: for this user only, without an administrator.
;
; makensis -INPUTCHARSET UTF8 -DVERSION=0.1.0 -DDIST=FOLDER -DICONS=FOLDER -DOUT=setup.exe [-DDESKTOP [-DLOADER]] zorgzegel.nsi
;
; FOLDER holds zorgzegel.exe, zorgzegel-worker.exe, zorgzegel.example.toml, LICENSE and NOTICE; with DESKTOP
; also zorgzegel-desktop.exe, and with LOADER the WebView2Loader.dll that it asks for (built by MinGW; built by
; Microsoft's compiler it has it inside).
;
; What it does not do: start the program with the computer (the program does that itself, and says so),
; trust a certificate (the program asks for that), or touch mail data, neither when it installs nor when it
; uninstalls.

Unicode true
Target amd64-unicode
ManifestSupportedOS Win10
ManifestDPIAware true
RequestExecutionLevel user
SetCompressor /SOLID lzma

!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh

!define NAME "Zorgzegel"
; Under which the program shows notifications: Windows drops those of a name that it does not know.
!define NOTIFIER_KEY "Software\Classes\AppUserModelId\nl.zorgzegel.desktop"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
; Microsoft's id of the WebView2 runtime.
!define WEBVIEW_ID "{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "Software\${NAME}" "InstallDir"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${NAME}: veilige mail voor zorgverleners"
VIAddVersionKey "LegalCopyright" "EUPL-1.2"

!define MUI_ICON "${ICONS}/icon.ico"
!define MUI_UNICON "${ICONS}/icon.ico"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${ICONS}/installer.bmp"
!define MUI_WELCOMEPAGE_TEXT "$(WELCOME)"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!ifdef DESKTOP
  !define MUI_FINISHPAGE_RUN "$INSTDIR\zorgzegel-desktop.exe"
!endif
!insertmacro MUI_PAGE_FINISH
!define MUI_UNCONFIRMPAGE_TEXT_TOP "$(STAYS)"
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

; The first is taken where Windows speaks neither.
!insertmacro MUI_LANGUAGE "Dutch"
!insertmacro MUI_LANGUAGE "English"

LangString WELCOME ${LANG_DUTCH} "Zorgzegel staat tussen uw mailprogramma en uw mailprovider, en zorgt dat mail met gezondheidsgegevens veilig gaat of blijft liggen.$\r$\n$\r$\nHet wordt alleen voor u geïnstalleerd; een beheerder is niet nodig. Aan uw mailprogramma verandert nog niets: dat doet u daarna zelf, stap voor stap.$\r$\n$\r$\n$_CLICK"
LangString WELCOME ${LANG_ENGLISH} "Zorgzegel stands between your mail program and your mail provider, and sees to it that mail with health data goes safely, or stays.$\r$\n$\r$\nIt is installed for you alone; no administrator is needed. Nothing changes in your mail program yet: you do that afterwards, step by step.$\r$\n$\r$\n$_CLICK"
LangString STAYS ${LANG_DUTCH} "Uw instellingen, wachtende mail en kopieën blijven staan (in AppData\Roaming\zorgzegel), en de sleutels ook (in Referentiebeheer van Windows). Zonder die sleutels zijn de kopieën niet meer te lezen."
LangString STAYS ${LANG_ENGLISH} "Your settings, waiting mail and copies stay (in AppData\Roaming\zorgzegel), and so do the keys (in Windows' Credential Manager). Without those keys the copies cannot be read."
LangString RUNNING ${LANG_DUTCH} "Zorgzegel draait nog. Sluit het via het zegel bij de klok (Afsluiten) en kies Opnieuw."
LangString RUNNING ${LANG_ENGLISH} "Zorgzegel is still running. Quit it at the seal near the clock, then choose Retry."
LangString NO_WEBVIEW ${LANG_DUTCH} "Het venster van Zorgzegel heeft Microsoft Edge WebView2 nodig, en dat staat niet op deze computer. Installeer het van microsoft.com/edge/webview2; Zorgzegel zelf is dan klaar voor gebruik."
LangString NO_WEBVIEW ${LANG_ENGLISH} "Zorgzegel's window needs Microsoft Edge WebView2, which is not on this computer. Install it from microsoft.com/edge/webview2; Zorgzegel itself is then ready."

; Waits until a program's file can be written, that is until the program has ended. A silent run
; cannot ask, and ends with code 2.
!macro WaitUntilEnded UN
Function ${UN}WaitUntilEnded
  Exch $0
  again:
  ${IfNot} ${FileExists} $0
    Goto ended
  ${EndIf}
  ClearErrors
  FileOpen $1 $0 a
  ${IfNot} ${Errors}
    FileClose $1
    Goto ended
  ${EndIf}
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDRETRY again
  SetErrorLevel 2
  Quit
  ended:
  Pop $0
FunctionEnd
!macroend
!insertmacro WaitUntilEnded ""
!insertmacro WaitUntilEnded "un."

Section
  SetShellVarContext current
  Push "$INSTDIR\zorgzegel-desktop.exe"
  Call WaitUntilEnded
  Push "$INSTDIR\zorgzegel.exe"
  Call WaitUntilEnded

  SetOutPath "$INSTDIR"
  File "${DIST}/zorgzegel.exe"
  File "${DIST}/zorgzegel-worker.exe"
  File "${DIST}/zorgzegel.example.toml"
  File /oname=LICENSE.txt "${DIST}/LICENSE"
  File /oname=NOTICE.txt "${DIST}/NOTICE"
!ifdef DESKTOP
  File "${DIST}/zorgzegel-desktop.exe"
!ifdef LOADER
  File "${DIST}/WebView2Loader.dll"
!endif
  WriteRegStr HKCU "${NOTIFIER_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${NOTIFIER_KEY}" "IconUri" "$INSTDIR\icon.ico"
  File "${ICONS}/icon.ico"
  CreateShortCut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\zorgzegel-desktop.exe"
!endif
  WriteUninstaller "$INSTDIR\uninstall.exe"

  WriteRegStr HKCU "Software\${NAME}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" $0

!ifdef DESKTOP
  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\${WEBVIEW_ID}" "pv"
  ${If} $0 == ""
    ReadRegStr $0 HKCU "Software\Microsoft\EdgeUpdate\Clients\${WEBVIEW_ID}" "pv"
  ${EndIf}
  ${If} $0 == ""
    MessageBox MB_OK|MB_ICONINFORMATION "$(NO_WEBVIEW)" /SD IDOK
  ${EndIf}
!endif
SectionEnd

Section "Uninstall"
  SetShellVarContext current
  Push "$INSTDIR\zorgzegel-desktop.exe"
  Call un.WaitUntilEnded
  Push "$INSTDIR\zorgzegel.exe"
  Call un.WaitUntilEnded

  ; By name, and the folder only if empty: what else lies there is not ours.
  Delete "$INSTDIR\zorgzegel.exe"
  Delete "$INSTDIR\zorgzegel-worker.exe"
  Delete "$INSTDIR\zorgzegel-desktop.exe"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\icon.ico"
  Delete "$INSTDIR\zorgzegel.example.toml"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\NOTICE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey HKCU "${NOTIFIER_KEY}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  DeleteRegKey HKCU "Software\${NAME}"
  ; The program writes this itself when its user wants it to start with the computer.
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "${NAME}"
  DetailPrint "$(STAYS)"
SectionEnd
