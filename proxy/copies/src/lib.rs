//! Own copies in open formats: PDF and XML.
