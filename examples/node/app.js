// A small application: it registers users with a code sent by mail.
import { randomInt } from "node:crypto";
import nodemailer from "nodemailer";

export class App {
  #transport = nodemailer.createTransport(process.env.SMTP_URL);
  #pending = new Map();

  async register(email) {
    const code = String(randomInt(100000, 1000000));
    this.#pending.set(email, code);
    await this.#transport.sendMail({
      from: "Example <hello@app.example>",
      to: email,
      subject: "Your verification code",
      text: `Welcome! Your verification code is ${code}.`,
      html: `<p>Welcome! Your verification code is <b>${code}</b>.</p>`,
    });
  }

  verify(email, code) {
    return this.#pending.get(email) === code && this.#pending.delete(email);
  }
}
