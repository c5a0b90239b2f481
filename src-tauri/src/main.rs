//! The program `zorgzegel-desktop`; everything it does is in the library.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    desktop::main()
}
