/**
 * Who comes in: sshd, sudo, login sessions, and those who should not.
 */
import { episode } from "./episode.ts";

export const LOGINS = [
  episode(
    7,
    "sshd authpriv.info Accepted publickey for {user} from {bastion} port {port} ssh2: ED25519 SHA256:{fingerprint}",
    "sshd authpriv.info pam_unix(sshd:session): session opened for user {user}(uid={uid}) by {user}(uid=0)",
    "systemd-logind auth.info New session {session} of user {user}.",
    "systemd daemon.info Started session-{session}.scope - Session {session} of User {user}.",
    "sudo authpriv.notice     {user} : TTY=pts/{tty} ; PWD=/home/{user} ; USER=root ; COMMAND={command}",
    "sudo authpriv.info pam_unix(sudo:session): session opened for user root(uid=0) by {user}(uid={uid})",
    "sudo authpriv.info pam_unix(sudo:session): session closed for user root",
    "sshd authpriv.info Received disconnect from {bastion} port {port}:11: disconnected by user",
    "sshd authpriv.info Disconnected from user {user} {bastion} port {port}",
    "sshd authpriv.info pam_unix(sshd:session): session closed for user {user}",
    "systemd daemon.info session-{session}.scope: Deactivated successfully.",
    "systemd-logind auth.info Session {session} logged out. Waiting for processes to exit.",
    "systemd-logind auth.info Removed session {session}.",
  ),
  episode(
    5,
    "sshd authpriv.info Invalid user {stranger} from {scanner} port {port}",
    "sshd authpriv.info Connection closed by invalid user {stranger} {scanner} port {port} [preauth]",
  ),
  episode(
    4,
    "sshd authpriv.info Invalid user {stranger} from {scanner} port {port}",
    "sshd authpriv.info pam_unix(sshd:auth): check pass; user unknown",
    "sshd authpriv.notice pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={scanner}",
    "sshd authpriv.warning Failed password for invalid user {stranger} from {scanner} port {port} ssh2",
    "sshd authpriv.info Received disconnect from {scanner} port {port}:11: Bye Bye [preauth]",
  ),
  episode(3, "sshd authpriv.warning Failed password for root from {scanner} port {port} ssh2"),
  episode(
    2,
    "sshd authpriv.err error: maximum authentication attempts exceeded for root from {scanner} port {port} ssh2 [preauth]",
  ),
  episode(
    2,
    "sshd authpriv.err error: kex_exchange_identification: Connection closed by remote host",
    "sshd authpriv.info Connection closed by {scanner} port {port}",
  ),
  episode(
    2,
    "sshd authpriv.info Unable to negotiate with {scanner} port {port}: no matching key exchange method found. Their offer: diffie-hellman-group14-sha1,diffie-hellman-group1-sha1 [preauth]",
  ),
  episode(1, "sshd authpriv.crit fatal: Timeout before authentication for {scanner} port {port}"),
  episode(
    2,
    "sudo authpriv.alert     {user} : command not allowed ; TTY=pts/{tty} ; PWD=/home/{user} ; USER=root ; COMMAND={command}",
  ),
];
