// One line per order: what it is, what it costs, where it is and how it ended. Pure: records in, lines out.

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const SPINNER_MS = 100;
const NAME_COLUMNS = 24;
const TOTAL_COLUMNS = 9;

/** An order on its way. `outcome` is null until its execution has ended. */
export class OrderLine {
  /** Open states by frame: a parallel branch or an iteration has its own. */
  #open = new Map();
  outcome = null;

  constructor({ name, total }) {
    this.name = name;
    this.total = total;
    this.startedAt = null;
    this.endedAt = null;
  }

  /** Takes one record of the execution's history. */
  update({ type, frame, at, details }) {
    this.startedAt ??= at;
    this.endedAt = at;
    if (type.endsWith('StateEntered')) this.#open.set(frame, details.name);
    if (type.endsWith('StateExited')) this.#open.delete(frame);
    if (/^(Parallel|Map)StateEntered$/.test(type)) this.#open.delete(frame);
  }

  /** `kind`: `good`, `sad` (recorded, but not paid) or `bad`; `text` says it. */
  end(outcome) {
    this.outcome = outcome;
  }

  text({ now, columns, colors }) {
    const name = this.name.padEnd(NAME_COLUMNS);
    const total = this.total.padStart(TOTAL_COLUMNS);
    const spent =
      this.startedAt === null
        ? 0
        : (this.outcome === null ? Math.max(now, this.endedAt) : this.endedAt) - this.startedAt;
    const seconds = `${(spent / 1000).toFixed(1)} s`.padStart(7);
    const rest = Math.max(20, columns - NAME_COLUMNS - TOTAL_COLUMNS - seconds.length - 11);
    const { sign, what } = this.#state(now, colors);
    return `  ${sign} ${name} ${total} ${colors.dim(seconds)}  ${what(cut(this.#said(), rest))}`;
  }

  #state(now, colors) {
    if (this.outcome === null)
      return { sign: colors.cyan(SPINNER[Math.floor(now / SPINNER_MS) % SPINNER.length]), what: colors.cyan };
    if (this.outcome.kind === 'good') return { sign: colors.green('✓'), what: colors.green };
    if (this.outcome.kind === 'sad') return { sign: colors.yellow('!'), what: colors.yellow };
    return { sign: colors.red('✗'), what: colors.red };
  }

  #said() {
    if (this.outcome !== null) return this.outcome.text;
    const states = [...new Set(this.#open.values())];
    return states.length === 0 ? '…' : states.join(' + ');
  }
}

const cut = (text, width) => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

/** What an ended execution means for the shop. `why` is the server's sentence for a failed one. */
export function outcomeOf({ status, output, error, cause }) {
  if (status === 'SUCCEEDED') {
    const { State: state = 'SUCCEEDED', Note: note } = JSON.parse(output ?? '{}');
    return {
      kind: state === 'PAYMENT_FAILED' ? 'sad' : 'good',
      text: note === undefined ? state : `${state}  ${note}`,
    };
  }
  const said = [error ?? status, cause === undefined ? '' : readableCause(cause)].filter((part) => part !== '');
  return { kind: 'bad', text: said.join(': ') };
}

/** A function's error is a JSON object; people want its message. */
function readableCause(cause) {
  try {
    return JSON.parse(cause).errorMessage ?? cause;
  } catch {
    return cause.split('\n')[0];
  }
}
