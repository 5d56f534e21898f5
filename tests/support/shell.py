"""A person at a terminal who pastes commands, with the real kubectl and a cluster that is simulated."""

import os
import subprocess
import sys
from pathlib import Path

from support.amounts import HANGS
from support.workload_server import WorkloadServer


class Shell:
    """One folder and one server for all commands."""

    def __init__(self, server: WorkloadServer, folder: Path, shell: str = "sh") -> None:
        self.folder, self.shell = folder, shell
        self.variables = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "KUBECONFIG": str(server.kubeconfig(folder / "config", "admin@eu")),
            "HOME": str(folder),
        }

    def paste(self, *lines: str) -> subprocess.CompletedProcess[str]:
        """All lines at once; a shell goes on after one that fails."""
        return subprocess.run(
            [self.shell],
            input="\n".join((*lines, "")),
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=HANGS,
        )
