//! Every part of a workbook.

#![no_main]

#[path = "../checks/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let parts: [(&str, &[u8]); 7] = [
        ("[Content_Types].xml", b"x"),
        ("xl/workbook.xml", data),
        ("xl/styles.xml", data),
        ("xl/sharedStrings.xml", data),
        ("xl/worksheets/sheet1.xml", data),
        ("xl/pivotCache/pivotCacheDefinition1.xml", data),
        ("xl/pivotCache/pivotCacheRecords1.xml", data),
    ];
    document::total("a.xlsx", &document::zip(&parts));
});
