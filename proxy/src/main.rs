//! The program `zorgzegel`; everything it does is in the library.

fn main() -> std::process::ExitCode {
    proxy::cli::main()
}
