//! Harness of real servers, scenarios, fixtures, and the test of the import table.
