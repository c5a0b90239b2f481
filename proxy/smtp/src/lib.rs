//! SMTP (RFC 5321): command, reply, data; the submission server machine and the client machine.
