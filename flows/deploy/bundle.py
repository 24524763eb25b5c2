"""An archive for machines without a network: wheels for Linux and Windows, the lock, installers (`make bundle`)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "offline"
PYTHON = "3.11"
PLATFORMS = {
    "linux": ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_27_x86_64"),
    "windows": ("win_amd64",),
}
"""Tags of the wheels; Linux ones run on every glibc of the last years."""
MARKERS = ("sys_platform", "platform_system", "os_name", "platform_machine")


def main() -> None:
    """Write dist/junheng-<version>-offline.zip and say where."""
    target = ROOT / "dist" / f"junheng-{version('junheng')}-offline.zip"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="junheng-bundle-") as scratch:
        folder = Path(scratch)
        lock = write_lock(folder)
        for system, tags in PLATFORMS.items():
            print(f"{system}：下载 wheel / fetching wheels", flush=True)
            fetch(lock, folder / "wheels" / system, tags, system)
        build_wheel(folder / "wheels" / "junheng")
        partial = target.with_suffix(".part")
        pack(folder, partial)
        partial.replace(target)
    print(f"{target}  {target.stat().st_size / 1e6:.0f} MB")


def write_lock(folder: Path) -> Path:
    """Return the lock of what runs, without the tools of developers: the versions and hashes of requirements.lock."""
    path = folder / "requirements.txt"
    command = [
        "uv", "pip", "compile", str(ROOT / "pyproject.toml"), "--constraint", str(ROOT / "requirements.lock"),
        "--generate-hashes", "--universal", "--python-version", PYTHON, "--no-header", "--no-annotate", "--quiet",
        "--output-file", str(path),
    ]  # fmt: skip
    subprocess.run([sys.executable, "-m", *command], check=True)
    return path


def fetch(lock: Path, folder: Path, tags: tuple[str, ...], system: str) -> None:
    """Fetch the wheels of one system into a folder, each held against its hash."""
    platforms = [argument for tag in tags for argument in ("--platform", tag)]
    needed = folder.parent / f"{system}.txt"
    folder.mkdir(parents=True)
    needed.write_text(for_system(lock.read_text(encoding="utf-8"), system), encoding="utf-8")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", str(needed),
        "--dest", str(folder), "--only-binary", ":all:", "--python-version", PYTHON, "--implementation", "cp",
        *platforms,
    ]  # fmt: skip
    subprocess.run(command, check=True)
    needed.unlink()


def for_system(lock: str, system: str) -> str:
    """Return the lines of a universal lock that hold on one system and our Python: markers are decided here."""
    from packaging.requirements import Requirement

    environment = {
        "linux": dict(zip(MARKERS, ("linux", "Linux", "posix", "x86_64"), strict=True)),
        "windows": dict(zip(MARKERS, ("win32", "Windows", "nt", "AMD64"), strict=True)),
    }[system] | {"python_version": PYTHON, "python_full_version": f"{PYTHON}.9", "implementation_name": "cpython"}
    kept = []
    for block in lock.replace("\\\n", "\0").splitlines():
        head = block.split("\0")[0].strip()
        requirement = Requirement(head)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            hashes = [part.strip() for part in block.split("\0")[1:]]
            kept.append(" \\\n    ".join([head.split(";")[0].strip(), *hashes]))
    return "\n".join(kept) + "\n"


def build_wheel(folder: Path) -> None:
    """Build our own wheel into a folder."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True)


def pack(folder: Path, target: Path) -> None:
    """Pack wheels, lock and scripts; scripts for Windows with its line ends."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"junheng/{path.relative_to(folder)}")
        for path in sorted(SCRIPTS.iterdir()):
            text = path.read_text(encoding="utf-8")
            is_windows = path.suffix == ".cmd"
            content = text.replace("\n", "\r\n").encode("gb18030" if is_windows else "utf-8")
            entry = zipfile.ZipInfo(f"junheng/{path.name}", (2020, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if path.suffix == ".sh" else 0o644) << 16
            archive.writestr(entry, content if is_windows else text.encode())


if __name__ == "__main__":
    main()
