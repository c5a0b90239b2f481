"""Whether a copy is what it calls itself, seen by pikepdf (which reads PDF by qpdf and shares nothing with
the writer): PDF/A-3 and PDF/UA-1 in its metadata, every font inside and with a map to Unicode, every page
and picture tagged, files associated with the document, nothing that runs or reaches out."""

import sys

import pikepdf


def walk(thing, seen, path="Root"):
    """All dictionaries, once each."""
    key = thing.objgen if getattr(thing, "objgen", (0, 0)) != (0, 0) else None
    if key is not None:
        if key in seen:
            return
        seen.add(key)
    if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        yield thing
        for name in list(thing.keys()):
            if name not in ("/Parent", "/P"):
                yield from walk(thing[name], seen, f"{path}{name}")
    elif isinstance(thing, pikepdf.Array):
        for one in thing:
            yield from walk(one, seen, path)


def check(path):
    wrong = []
    with pikepdf.open(path) as pdf:
        wrong += [f"pikepdf: {one}" for one in pdf.check()]
        root = pdf.Root
        with pdf.open_metadata() as meta:
            for name, value in (("pdfaid:part", "3"), ("pdfaid:conformance", "A"), ("{http://www.aiim.org/pdfua/ns/id/}part", "1")):
                if meta.get(name) != value:
                    wrong.append(f"{name} is {meta.get(name)}")
            if not meta.get("dc:title"):
                wrong.append("no title")
        if root.get("/Lang") is None or not bool(root.ViewerPreferences.DisplayDocTitle):
            wrong.append("language or title of the window")
        if not bool(root.MarkInfo.Marked) or "/StructTreeRoot" not in root:
            wrong.append("no tags")
        if not any(one.get("/S") == "/GTS_PDFA1" for one in root.get("/OutputIntents", [])):
            wrong.append("no output intent")
        if len(root.AF) < 1 or any("/AFRelationship" not in one for one in root.AF):
            wrong.append("files are not associated")
        for page in pdf.pages:
            if "/StructParents" not in page or page.get("/Tabs") != "/S":
                wrong.append("a page without tags")
        for one in walk(root, set()):
            if one.get("/Type") == "/Font" and one.get("/Subtype") == "/Type0":
                descriptor = one.DescendantFonts[0].FontDescriptor
                if not any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3")):
                    wrong.append("a font that is not inside")
                if "/ToUnicode" not in one:
                    wrong.append("a font without letters")
            if one.get("/S") == "/Figure" and not str(one.get("/Alt", "")):
                wrong.append("a picture without words")
            if one.get("/S") in ("/JavaScript", "/Launch", "/URI", "/GoToR", "/SubmitForm", "/ImportData"):
                wrong.append(f"an action {one.get('/S')}")
            if any(name in one for name in ("/JS", "/AA", "/OpenAction", "/XFA")):
                wrong.append("something that runs")
    return wrong


if __name__ == "__main__":
    found = check(sys.argv[1])
    print("\n".join(found))
    sys.exit(1 if found else 0)
