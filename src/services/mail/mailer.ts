/** A mail to be sent, or written instead. */
export interface OutgoingMail {
  /** Mails of one id are one mail: where it is written, the file is replaced. Letters, digits, `.` and `-`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly cc?: string;
  readonly bcc?: string;
  readonly replyTo?: string;
  readonly subject: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Plain text; empty where there is HTML only. */
  readonly body: string;
  readonly html?: string;
}

/** Nobody will ever take this mail: another attempt is of no use. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
}

/** Sends a mail, or writes it to a folder. */
export interface Mailer {
  /** Sent or written when it resolves. Throws MailRefused; any other fault is worth another attempt. */
  send(mail: OutgoingMail): Promise<void>;
}
