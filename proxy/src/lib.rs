//! The engine that wires the rooms, and the command line zorgzegel.
