"""Places, strict YAML, CSV, workbooks, run folders, writing together; no plan is known here."""
