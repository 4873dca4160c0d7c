/** Something about a definition: data, collected, never thrown. Code, message and location are AWS's. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  /** E.g. `SCHEMA_VALIDATION_FAILED`, `MISSING_TRANSITION_TARGET`, `INVALID_JSON_DESCRIPTION`. */
  readonly code: string;
  readonly message: string;
  /** E.g. `/States/A/Next`; null where AWS gives none. */
  readonly location: string | null;
  /** One-based place in the text; null where the fault has no place (an empty text). */
  readonly line: number | null;
  readonly column: number | null;
}
