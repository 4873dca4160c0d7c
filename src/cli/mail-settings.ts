import { parseSmtp, type SmtpSettings } from '../services/mail/smtp.js';
import { usageError } from './cli-error.js';

/** `--smtp`, else $TREADLE_SMTP: a password in a command line can be seen by every user of the machine. Null: mails are written to the data folder. */
export function smtpOf(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): SmtpSettings | null {
  const text = option ?? environment.TREADLE_SMTP ?? '';
  if (text === '') return null;
  try {
    return parseSmtp(text);
  } catch (fault) {
    throw usageError(fault instanceof Error ? fault.message : String(fault));
  }
}
