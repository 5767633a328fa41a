"""What the fork server of a batch does before its first fork: importing this does it."""

import json
import os

from gdplan.batch import worker

worker.warm()
if task := os.environ.pop(worker.REHEARSAL, ""):
    worker.rehearse(json.loads(task))
