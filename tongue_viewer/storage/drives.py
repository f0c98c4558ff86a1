"""Drives on which no database may stand: those that several computers share, and folders that a cloud client copies.

Locks do not hold there, and a client that copies half-written pages damages the file
(https://www.sqlite.org/howtocorrupt.html, sections 2.1 and 1.2).
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afpfs",
        "webdav",
        "davfs",
        "ncpfs",
        "afs",
        "ceph",
        "lustre",
        "gfs2",
    }
)
_NETWORK_FUSE = frozenset({"fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.s3fs"})
_CLOUD = {
    "onedrive": "OneDrive",
    "dropbox": "Dropbox",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "mobile documents": "iCloud",
    "icloud drive": "iCloud",
    "icloudrive": "iCloud",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "box sync": "Box",
}
_CLOUD_MARKERS = {".stfolder": "Syncthing", ".dropbox": "Dropbox", ".dropbox.cache": "Dropbox"}
_DRIVE_REMOTE = 4  # GetDriveTypeW


def shared_drive(folder: Path) -> str:
    """Why no database should stand in a folder, for people ("a network drive", "Dropbox copies it"), or "".

    What cannot be found out counts as a local drive.
    """
    try:
        real = folder.resolve()
    except OSError:
        return ""
    cloud = _cloud_client(real)
    if cloud:
        return f"{cloud} copies this folder"
    return "it is on a network drive" if _on_network(real) else ""


def mount_type(folder: Path, mounts: Iterable[str]) -> str:
    """The file system of a folder, from the lines of /proc/self/mounts; "" where none fits.

    Args:
        folder: absolute, without links.
        mounts: "device place type options …", blanks of places as octal escapes.
    """
    best, kind = "", ""
    for line in mounts:
        fields = line.split()
        if len(fields) < 3:
            continue
        place = fields[1].encode().decode("unicode_escape") if "\\" in fields[1] else fields[1]
        if len(place) >= len(best) and (folder == Path(place) or Path(place) in folder.parents):
            best, kind = place, fields[2]
    return kind


def _cloud_client(folder: Path) -> str:
    for part in (folder, *folder.parents):
        word = part.name.casefold()
        known = next((name for start, name in _CLOUD.items() if word == start), "")
        if not known and word.startswith("onedrive - "):  # of an organisation: "OneDrive - Clinic"
            known = "OneDrive"
        known = known or next((name for mark, name in _CLOUD_MARKERS.items() if (part / mark).exists()), "")
        if known:
            return known
    return ""


def _on_network(folder: Path) -> bool:
    if sys.platform == "win32":
        root = os.path.splitdrive(folder)[0] + "\\"
        return root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOTE
    try:
        if sys.platform == "darwin":
            listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=2, check=True)
            mounts = [_from_macos(line) for line in listed.stdout.splitlines()]
        else:
            mounts = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape").splitlines()
    except (OSError, subprocess.SubprocessError):
        return False
    kind = mount_type(folder, mounts)
    return kind in _NETWORK or kind in _NETWORK_FUSE


def _from_macos(line: str) -> str:
    """A line like "//anna@server/photos on /Volumes/photos (smbfs, nodev)" in the form of /proc/self/mounts."""
    device, _, rest = line.partition(" on ")
    place, _, options = rest.rpartition(" (")
    return " ".join(
        (device.replace(" ", "_"), place.replace(" ", "\\040"), options.split(",")[0].rstrip(")"))
    )
