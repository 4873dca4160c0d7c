/** A time in an action's output, which each protocol writes in its own way. */
export class Timestamp {
  /** `at`: epoch milliseconds. */
  constructor(readonly at: number) {}

  /** In JSON: epoch seconds. */
  toJSON(): number {
    return this.at / 1000;
  }

  /** In XML. */
  get iso(): string {
    return new Date(this.at).toISOString();
  }
}

/** A map in an action's output: XML writes its entries, JSON and CBOR an object. */
export class Entries<Value> extends Map<string, Value> {
  toJSON(): object {
    return Object.fromEntries(this);
  }
}
