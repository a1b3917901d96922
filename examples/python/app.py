"""A small application: it registers users with a code sent by mail."""

import os
import secrets
import smtplib
from email.message import EmailMessage


class App:
    def __init__(self):
        self.pending = {}

    def register(self, email):
        code = str(100000 + secrets.randbelow(900000))
        self.pending[email] = code
        m = EmailMessage()
        m["From"] = "Example <hello@app.example>"
        m["To"] = email
        m["Subject"] = "Your verification code"
        m.set_content(f"Welcome! Your verification code is {code}.\n")
        with smtplib.SMTP(os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])) as s:
            if os.environ.get("SMTP_USER"):
                s.login(os.environ["SMTP_USER"], os.environ["SMTP_PASS"])
            s.send_message(m)

    def verify(self, email, code):
        return bool(code) and self.pending.pop(email, None) == code
