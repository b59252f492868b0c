"""A process that imports files on demand, each in a child of its own that can be killed: `python -m … DSN VAR`.

Each line on standard input is `MODE FILE SECONDS`. With seconds the child is killed after so long, and its
end is told; with 0 it is waited for; with `-` it runs on beside the next one.
"""

import os
import signal
import sys
import time
from pathlib import Path

from etl.options import Options
from etl.pipeline import Context, import_file
from layers.registry import catalogue
from tests.etl.world import gazetteer


def main() -> None:
    context = Context(sys.argv[1], catalogue(), Path(sys.argv[2]), gazetteer())
    os.write(1, b"ready\n")
    for line in sys.stdin:
        mode, file, seconds = line.split()
        child = os.fork()
        if child == 0:
            report = import_file("project", Path(file), Options(mode=mode, datum="wgs84"), context)
            os.write(1, f"done {os.getpid()} {report.run}\n".encode())
            os._exit(0)
        if seconds != "-":
            if float(seconds):
                time.sleep(float(seconds))
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.write(1, b"end\n")


main()
