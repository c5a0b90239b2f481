"""Judges a FHIR bundle by fhir.resources (R4B, which has the resources of R4 that we use unchanged).

usage: judge.py FILE    prints a line a fault
"""

import sys
from pathlib import Path

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

try:
    Bundle.model_validate_json(Path(sys.argv[1]).read_bytes())
except ValidationError as wrong:
    for one in wrong.errors(include_input=False, include_url=False):
        print(".".join(str(part) for part in one["loc"]), one["msg"])
