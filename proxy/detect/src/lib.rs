//! Text to findings: who is identified, what medical jargon, how sure, where.
