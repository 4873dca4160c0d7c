import { DIAGNOSTICS_MAX } from '../limits.js';
import type { Diagnostic } from './diagnostic.js';
import { type Place, placesOf } from './json-document.js';

/** One thing to say about a definition, before its line and column are known. */
export interface Finding {
  /** AWS's most frequent code when left out. */
  readonly code?: string;
  readonly message: string;
  /** `/States/A/Next`; null where AWS gives none. */
  readonly location: string | null;
  /** Where it stands in the text; null where the fault has no place. */
  readonly offset: number | null;
}

/** Collects what there is to say about one definition text, in the order found. */
export class DiagnosticLog {
  readonly #diagnostics: Diagnostic[] = [];
  #errors = 0;
  #placeOf: ((offset: number) => Place) | null = null;

  constructor(private readonly text: string) {}

  get errorCount(): number {
    return this.#errors;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  error(finding: Finding): void {
    this.#errors += 1;
    this.#add('ERROR', finding);
  }

  warning(finding: Finding): void {
    this.#add('WARNING', finding);
  }

  #add(severity: Diagnostic['severity'], finding: Finding): void {
    if (this.#diagnostics.length >= DIAGNOSTICS_MAX) return;
    this.#placeOf ??= placesOf(this.text);
    const place = finding.offset === null ? null : this.#placeOf(finding.offset);
    this.#diagnostics.push({
      severity,
      code: finding.code ?? 'SCHEMA_VALIDATION_FAILED',
      message: finding.message,
      location: finding.location,
      line: place?.line ?? null,
      column: place?.column ?? null,
    });
  }
}
