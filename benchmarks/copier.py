"""Python version of copier.c, for machines without a C compiler: `copier.py LIST`."""

import os
import sys

with open(sys.argv[1], encoding="utf-8") as lines:  # noqa: PTH123 (nothing but the calls of the system)
    for line in lines:
        verb, path = line[0], line[2:-1]
        if verb == "R":
            file = os.open(path, os.O_RDONLY)
            while os.read(file, 1 << 16):
                pass
            os.close(file)
        elif verb == "D":
            os.mkdir(path)  # noqa: PTH102
        else:
            size, _, path = path.partition(" ")
            file = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
            os.write(file, bytes(int(size)))
            os.close(file)
            os.replace(f"{path}.tmp", path)  # noqa: PTH105
