/** Backups, as the API under `/_treadle/api/backups` asks for them. Throws ApiError BackupRefused for what cannot be done. */
export interface BackupPorts {
  /** `folder` null = where this server makes its own. */
  backups(folder: string | null): Promise<BackupsPage>;
  /** Begins one, and says the moment from which on it is made; `backups` shows when it is done. */
  backUp(folder: string | null): Promise<{ readonly at: number }>;
  /** Puts one row of a table, or one object, back as it was. */
  restoreOne(request: RestoreOneRequest): Promise<RestoredOne>;
}

export interface BackupsPage {
  readonly folder: string;
  readonly isMaking: boolean;
  /** The last attempt of this server, when it failed. */
  readonly failure: { readonly at: number; readonly message: string } | null;
  /** The newest first. */
  readonly backups: readonly BackupRow[];
}

export interface BackupRow {
  readonly id: string;
  readonly path: string;
  readonly kind: 'manual' | 'scheduled';
  /** Everything that was acknowledged before is in it. */
  readonly at: number;
  readonly endedAt: number;
  readonly version: string;
  readonly source: string;
  readonly executions: number;
  readonly running: number;
  readonly files: number;
  /** Of the database and of all files; linked files take no room of their own. */
  readonly bytes: number;
}

export type RestoreOneRequest = {
  /** The newest backup of then or before. */
  readonly at: number;
  readonly folder: string | null;
} & (
  | { readonly bucket: string; readonly key: string }
  | {
      readonly table: string;
      /** As in the API: `{"OrderId":{"S":"o-1"}}`. */
      readonly key: Readonly<Record<string, unknown>>;
      readonly region: string | null;
    }
);

export interface RestoredOne {
  readonly backup: string;
  /** When that backup was made. */
  readonly at: number;
}
