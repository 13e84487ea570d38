"""Postfix takes the mail and delivers it to mailboxes; Dovecot shows the mailboxes over IMAP. Both run as root only."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.channel_servers import processes

DOMAIN = "example.test"
OWNER = "5000"

MAIN_CF = """compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.{domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtputf8_enable = yes
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {home}/mailboxes
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_transport = virtual
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
smtpd_relay_restrictions = permit_mynetworks, reject
defer_transports =
"""
MASTER_CF = """127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """base_dir = {home}/dovecot
state_dir = {home}/dovecot-state
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mailboxes/all
first_valid_uid = {owner}
mail_uid = {owner}
mail_gid = {owner}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={home}/mailboxes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True)
class MailServer:
    """Ports, the mailbox that gets everything, and how Postfix's own commands reach this instance."""

    smtp: int
    imap: int
    username: str
    password: str
    commands: list[str]
    mailbox: Path


@contextmanager
def running(home: Path) -> Iterator[MailServer]:
    """A fresh pair of servers whose files stand in `home` (which every user must be able to reach)."""
    password, smtp, imap = secrets.token_hex(16), processes.free_port(), processes.free_port()
    values = {
        "home": home,
        "domain": DOMAIN,
        "owner": OWNER,
        "port": smtp,
        "imap": imap,
        "password": password,
    }
    config, mailbox = home / "postfix", home / "mailboxes" / "all"
    for folder in (config, home / "data", home / "spool", home / "mailboxes"):
        folder.mkdir(parents=True)
    for folder in (home, *home.parents):
        if str(folder).startswith("/tmp/"):  # noqa: S108 - the test's own folder
            folder.chmod(0o755)
    shutil.chown(home / "data", "postfix", "postfix")
    for folder in (home / "mailboxes",):
        subprocess.run(["chown", "-R", f"{OWNER}:{OWNER}", folder], check=True)  # noqa: S603, S607
    (config / "main.cf").write_text(MAIN_CF.format(**values))
    (config / "master.cf").write_text(MASTER_CF.format(**values))
    (home / "dovecot.conf").write_text(DOVECOT.format(**values))
    prefix = ["env", f"MAIL_CONFIG={config}"]
    dovecot = ["/usr/sbin/dovecot", "-F", "-c", home / "dovecot.conf"]
    postfix = ["/usr/sbin/postfix", "-c", config, "start-fg"]
    with (
        processes.process(dovecot, home / "dovecot.out", processes.listens(imap)),
        processes.process(postfix, home / "postfix.out", processes.listens(smtp)),
    ):
        try:
            yield MailServer(smtp, imap, f"archive@{DOMAIN}", password, prefix, mailbox)
        finally:
            # Postfix gives its daemons process groups of their own, so it is told to stop by its own command first.
            subprocess.run(["/usr/sbin/postfix", "-c", config, "stop"], capture_output=True, check=False)  # noqa: S603
