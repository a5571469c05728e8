"""A real IMAP server for the tests: Debian's dovecot on a free port of loopback, for one mailbox.

It runs from a folder of its own and as little as it can be: one user, plain text, no TLS. Started by
root it hands its work to the users that its package made, otherwise it is all the caller's. Dovecot
2.4 (Debian 13) spells its settings otherwise than 2.3 (Debian 12): each reads its own.
"""

import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

USER, PASSWORD = "reponses", "secret"
DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"

COMMON = """
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
mail_fsync = never
first_valid_uid = 1
first_valid_gid = 1
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
BEFORE_24 = """
protocols = imap
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""
SINCE_24 = """
protocols {{
  imap = yes
}}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""


def configuration() -> str:
    """What the dovecot of this machine reads; since 2.4 it wants its version in the first line."""
    said = subprocess.run([DOVECOT, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = said.split()[0].split("-")[0].split(".")[:2]
    if (int(major), int(minor)) < (2, 4):
        return BEFORE_24 + COMMON
    versions = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0"
    return versions + SINCE_24 + COMMON


class Imap:
    """`url` is what IMAP_URL would be."""

    def __init__(self) -> None:
        # Short: names of sockets may have 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="imap-", dir="/tmp"))  # noqa: S108
        self.folder.chmod(0o755)
        mine = pwd.getpwuid(os.getuid()).pw_name
        is_root = os.getuid() == 0
        user = pwd.getpwnam("dovecot" if is_root else mine)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        mail = self.folder / "mail"
        mail.mkdir()
        if is_root:
            os.chown(mail, user.pw_uid, user.pw_gid)
        file = self.folder / "dovecot.conf"
        file.write_text(
            configuration().format(
                folder=self.folder, user=user.pw_name, group=grp.getgrgid(user.pw_gid).gr_name,
                login="dovenull" if is_root else mine, uid=user.pw_uid, gid=user.pw_gid,
                port=self.port, password=PASSWORD,
            )
        )  # fmt: skip
        self.url = f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"
        self.process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                self.client().logout()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        log = self.folder / "log"
        said = log.read_text() if log.exists() else ""
        raise RuntimeError(f"dovecot does not start: {self.process.stderr.read()!r} {said}")  # type: ignore[union-attr]

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=30)
        client.login(USER, PASSWORD)
        client.select("INBOX")
        return client

    def put(self, *mails: Any) -> None:
        """Delivers mails, unread, in their order."""
        client = self.client()
        for mail in mails:
            raw = mail if isinstance(mail, bytes) else mail.as_bytes()
            answer, said = client.append("INBOX", "", None, raw)  # type: ignore[arg-type]
            assert answer == "OK", said
        client.logout()

    def unread(self) -> int:
        client = self.client()
        found = client.search(None, "UNSEEN")[1][0]
        client.logout()
        return len(found.split())

    def empty(self) -> None:
        client = self.client()
        if client.search(None, "ALL")[1][0]:
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()
        client.logout()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)
