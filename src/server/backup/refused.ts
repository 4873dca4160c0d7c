/** A backup cannot be made, found or put back; the message says what to do. Nothing was changed. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}
