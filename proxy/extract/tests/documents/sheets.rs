use super::build::*;

fn workbook(parts: &[(&str, &str)]) -> Vec<u8> {
    let book = "<workbook><sheets><sheet name=\"Blad1\"/><sheet name=\"Geheim\" state=\"veryHidden\"/></sheets></workbook>";
    let mut all = vec![("xl/workbook.xml", book)];
    all.extend(parts);
    office(&all)
}

fn sheet(rows: &str) -> String {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

/// A row of texts and numbers: what parses as a number is one.
fn row(cells: &[&str]) -> String {
    let cell = |text: &&str| match text.parse::<f64>() {
        Ok(_) => format!("<c><v>{text}</v></c>"),
        Err(_) => format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"),
    };
    format!("<row>{}</row>", cells.iter().map(cell).collect::<String>())
}

#[test]
fn case_19_and_20_every_sheet_row_and_column_is_read_hidden_ones_too() {
    let first = sheet(&row(&["Totaal", "3"]));
    let second = "<worksheet><cols><col min=\"2\" max=\"2\" hidden=\"1\"/></cols><sheetData>\
        <row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>\
        <row r=\"2\" hidden=\"1\"><c r=\"A2\" t=\"s\"><v>2</v></c><c r=\"B2\"><v>123456782</v></c></row>\
        </sheetData><headerFooter><oddHeader>&amp;CAfdeling 3</oddHeader></headerFooter></worksheet>";
    let strings = "<sst><si><t>Naam</t></si><si><t>BSN</t></si><si><r><t>Jan</t></r><r><t>sen</t></r></si></sst>";
    let bytes = workbook(&[
        ("xl/worksheets/sheet1.xml", &first),
        ("xl/worksheets/sheet2.xml", second),
        ("xl/sharedStrings.xml", strings),
        ("xl/comments1.xml", "<comments><comment><text><t>CVA</t></text></comment></comments>"),
    ]);
    let words = ["Geheim", "Naam: Jansen\tBSN: 123456782", "CVA", "Afdeling 3"];
    says("lijst.xlsx", &bytes, &words);
}

#[test]
fn case_21_a_citizen_service_number_gets_its_lost_zero_back() {
    let bytes = workbook(&[(
        "xl/worksheets/sheet1.xml",
        &sheet(
            &(row(&["Naam", "BSN"]) + &row(&["Jansen", "23456789"]) + &row(&["Bakker", "1.2E8"])),
        ),
    )]);
    says("lijst.xlsx", &bytes, &["BSN: 023456789", "BSN: 120000000"]);
}

#[test]
fn case_22_dates_are_dates_by_their_style_or_their_header_in_both_calendars() {
    let styles = "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"[$-413]dd/mm/yyyy\"/>\
        <numFmt numFmtId=\"171\" formatCode=\"0.0 &quot;dagen&quot;\"/></numFmts>\
        <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/><xf numFmtId=\"171\"/></cellXfs></styleSheet>";
    let rows = "<row><c t=\"inlineStr\"><is><t>Geb.datum</t></is></c></row><row><c><v>20526</v></c></row>\
        <row><c s=\"1\"><v>20526</v></c><c s=\"2\"><v>20526.5</v></c><c s=\"3\"><v>20526</v></c></row>";
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(rows)), ("xl/styles.xml", styles)]);
    let said = text(&read("lijst.xlsx", &bytes));
    let lines = "Geb.datum: 12-03-1956\nGeb.datum: 12-03-1956\t12-03-1956 12:00\t20526";
    assert!(said.contains(lines), "{said}");
    let bytes = office(&[
        ("xl/workbook.xml", "<workbook><workbookPr date1904=\"1\"/></workbook>"),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", &sheet("<row><c s=\"1\"><v>19064</v></c></row>")),
    ]);
    says("mac.xlsx", &bytes, &["12-03-1956"]);
}

#[test]
fn case_23_the_rows_that_a_pivot_table_keeps_are_read() {
    let definition = "<pivotCacheDefinition><cacheFields><cacheField name=\"Naam\"><sharedItems><s v=\"Jansen\"/></sharedItems></cacheField>\
        <cacheField name=\"BSN\"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>";
    let records = "<pivotCacheRecords><r><x v=\"0\"/><n v=\"23456789\"/></r></pivotCacheRecords>";
    let bytes = workbook(&[
        ("xl/pivotCache/pivotCacheDefinition1.xml", definition),
        ("xl/pivotCache/pivotCacheRecords1.xml", records),
    ]);
    says("draaitabel.xlsx", &bytes, &["Naam: Jansen\tBSN: 023456789"]);
}

#[test]
fn case_24_and_26_figures_and_prices_stay_figures() {
    let rows = row(&["Afdeling", "Opnames"]) + &row(&["Cardiologie", "1234"]);
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]);
    says("kpi.xlsx", &bytes, &["Cardiologie\t1234"]);
    let rows = row(&["Artikel", "Prijs"]) + &row(&["Metoprolol 50 mg", "3.25"]);
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]);
    says("prijzen.xlsx", &bytes, &["Metoprolol 50 mg\t3.25"]);
}

#[test]
fn case_25_a_csv_of_windows_with_semicolons_is_read() {
    let csv = b"Naam;BSN;Opmerking\r\n\"Jans\xebn; H.\";23456789;\"zegt \"\"ja\"\"\"\r\n";
    says("export.csv", csv, &["Naam: Jansën; H.\tBSN: 023456789\tOpmerking: zegt \"ja\""]);
    says("prijzen.csv", b"a,b\n1,2\n", &["a,b\n1,2"]);
}

#[test]
fn open_document_sheets_are_read_by_value() {
    let content = "<table:table table:name=\"Lijst\"><table:table-row>\
        <table:table-cell><text:p>Geboren</text:p></table:table-cell><table:table-cell><text:p>BSN</text:p></table:table-cell></table:table-row>\
        <table:table-row table:visibility=\"collapse\"><table:table-cell office:value-type=\"date\" office:date-value=\"1956-03-12\"><text:p>12-03</text:p></table:table-cell>\
        <table:table-cell office:value-type=\"float\" office:value=\"23456789\"><text:p>23456789</text:p></table:table-cell></table:table-row></table:table>";
    let bytes = zip(&[("content.xml", content.as_bytes()), ("mimetype", b"x")]);
    says("lijst.ods", &bytes, &["Lijst", "Geboren: 12-03-1956\tBSN: 023456789"]);
}

#[test]
fn binary_workbooks_are_said_not_to_be_read() {
    let bytes = office(&[("xl/workbook.bin", "x")]);
    assert_eq!(reasons(&read("lijst.xlsb", &bytes)), [extract::Reason::Unsupported]);
}

#[test]
fn a_cell_whose_shared_text_is_missing_is_told() {
    let rows = "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>7</v></c></row>";
    let bytes = workbook(&[
        ("xl/worksheets/sheet1.xml", &sheet(rows)),
        ("xl/sharedStrings.xml", "<sst><si><t>Naam</t></si></sst>"),
    ]);
    let extract = read("lijst.xlsx", &bytes);
    assert!(text(&extract).contains("Naam"));
    assert_eq!(reasons(&extract), [extract::Reason::Damaged]);
}

#[test]
fn a_name_that_begins_like_a_label_is_none() {
    let names = ["Patricia Jansen", "Telma Bakker", "Dirk de Boer", "Gebhard Smit", "Anna de Wit"];
    let rows: String = names.iter().map(|name| row(&[name, "23456789"])).collect();
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&(row(&["Naam", "BSN"]) + &rows)))]);
    says("lijst.xlsx", &bytes, &["Naam: Patricia Jansen\tBSN: 023456789", "Naam: Anna de Wit"]);
}

#[test]
fn a_name_that_is_a_label_leaves_the_row_of_headers_what_it_is() {
    let names =
        ["Pat Jansen", "Dirk de Boer", "Tineke Bakker", "Anna de Wit", "J. Smit", "K. Mulder"];
    let rows: String = names.iter().map(|name| row(&[name, "23456789"])).collect();
    for header in [&["Naam", "Nummer"], &["Naam", "BSN"]] {
        let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&(row(header) + &rows)))]);
        says("lijst.xlsx", &bytes, &["Naam: Pat Jansen", "Naam: K. Mulder"]);
    }
}

#[test]
fn labels_are_known_with_what_people_write_behind_them() {
    for label in [
        "Geb. datum",
        "Geb.datum",
        "Geboren",
        "Geboortedatum",
        "Pat.nr",
        "Patiënt",
        "Patiëntnummer",
        "Patientnaam",
        "patient_id",
        "Tel.",
        "Telefoonnummer",
        "Voorletters",
        "Diagnose",
        "Diagnosecode",
        "Verzekerdennummer",
        "Burgerservicenummer",
        "Cliëntnr",
        "E-mailadres",
        "BirthDate",
        "Date of birth",
        "First name",
        "Dossiernummer",
        "Sofinummer",
        "Adresgegevens",
    ] {
        let rows = row(&[label, "Status"]) + &row(&["aa", "bb"]) + &row(&["cc", "dd"]);
        let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]);
        says("lijst.xlsx", &bytes, &[&format!("{label}: aa\tStatus: bb")]);
    }
}

#[test]
fn a_form_of_which_a_part_of_the_labels_is_known_is_read_as_a_form() {
    let lines = ["Naam", "Vraag", "BSN", "Opmerking", "Kamer"];
    let rows: String = lines.iter().map(|label| row(&[label, "23456789"])).collect();
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]);
    says("formulier.xlsx", &bytes, &["BSN: 023456789", "Vraag: 23456789"]);
}
