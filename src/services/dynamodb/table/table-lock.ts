/** Whoever changes a table's record holds this. */
export const tableLock = (region: string, name: string): string => `table ${region}/${name}`;
