/** An exact decimal number: `±d.ddd × 10^exponent`. Zero has no digits. */
export interface Decimal {
  readonly isNegative: boolean;
  /** Without zeros in front and behind. */
  readonly digits: string;
  /** Of the first digit. */
  readonly exponent: number;
}

const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,10}))?$/;
/** AWS: 1E-130 to 9.99…E+125, 38 significant digits. */
const EXPONENT_MAX = 125;
const EXPONENT_MIN = -130;
const DIGITS_MAX = 38;
/** Digits and zeros of a text that is looked at; longer ones say nothing that fits. */
const TEXT_CHARS_MAX = 1024;

export const ZERO: Decimal = { isNegative: false, digits: '', exponent: 0 };

/** Null for what is no number. The range is not checked. */
export function parseDecimal(text: string): Decimal | null {
  const match = text.length > TEXT_CHARS_MAX ? null : NUMBER.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = match[4] ?? '', , power = '0'] = match;
  const all = whole + fraction;
  const significant = all.replace(/^0+/, '');
  const digits = significant.replace(/0+$/, '');
  if (digits === '') return ZERO;
  const exponent = whole.length - 1 - (all.length - significant.length) + Number(power);
  return { isNegative: sign === '-', digits, exponent };
}

/** What is wrong with a number that was asked to be kept, in AWS's words; or null. */
export function rangeFault({ digits, exponent }: Decimal): string | null {
  if (exponent > EXPONENT_MAX) {
    return 'Number overflow. Attempting to store a number with magnitude larger than supported range';
  }
  if (exponent < EXPONENT_MIN) {
    return 'Number underflow. Attempting to store a number with magnitude smaller than supported range';
  }
  return digits.length > DIGITS_MAX ? 'Attempting to store more than 38 significant digits in a Number' : null;
}

/** The canonical text: no exponent, no zeros that say nothing. */
export function decimalText({ isNegative, digits, exponent }: Decimal): string {
  if (digits === '') return '0';
  const sign = isNegative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** Of a number in canonical text: our own, or checked before. */
export function decimalOf(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (decimal === null) throw new Error(`Broken invariant: '${text.slice(0, 50)}' was checked to be a number`);
  return decimal;
}

export function compareDecimals(left: Decimal, right: Decimal): number {
  const signs = signOf(left) - signOf(right);
  if (signs !== 0 || left.digits === '') return signs;
  const larger =
    left.exponent - right.exponent || (left.digits < right.digits ? -1 : Number(left.digits > right.digits));
  return left.isNegative ? -larger : larger;
}

const signOf = ({ isNegative, digits }: Decimal): number => (digits === '' ? 0 : isNegative ? -1 : 1);

/** Exact. Both must be in range, so the sum has at most some 260 digits. */
export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(scaleOf(left), scaleOf(right), 0);
  const sum = scaled(left, scale) + scaled(right, scale);
  const isNegative = sum < 0n;
  const text = String(isNegative ? -sum : sum);
  const digits = text.replace(/0+$/, '');
  return digits === '' ? ZERO : { isNegative, digits, exponent: text.length - 1 - scale };
}

export const negated = (decimal: Decimal): Decimal => ({ ...decimal, isNegative: !decimal.isNegative });

/** Digits behind the point. */
const scaleOf = ({ digits, exponent }: Decimal): number => digits.length - 1 - exponent;

function scaled(decimal: Decimal, scale: number): bigint {
  if (decimal.digits === '') return 0n;
  const value = BigInt(decimal.digits) * 10n ** BigInt(scale - scaleOf(decimal));
  return decimal.isNegative ? -value : value;
}
