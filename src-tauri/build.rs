//! Lets tauri make its context; the one command of the pages gets a permission of its own.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(&["post"]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}
