/** What was thrown as the error that the Map fails with; a fault of ours is one of the reader or writer too, and says so. */
export function faultOf(thrown: unknown, error: string): { readonly error: string; readonly cause: string } {
  if (thrown instanceof Error && 'error' in thrown && typeof thrown.error === 'string') {
    return { error: thrown.error, cause: typeof thrown.cause === 'string' ? thrown.cause : thrown.message };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { error, cause: `Treadle could not go on with the data of the map run: ${message}` };
}
