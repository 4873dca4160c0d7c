/**
 * Every bound of the system, with AWS's quota or the reason beside it.
 * Units are in the names: bytes are UTF-8 bytes of JSON text, times are milliseconds or seconds.
 */

/** AWS: maximum input or result size of a task, state or execution. */
export const PAYLOAD_BYTES_MAX = 262_144;
/** AWS: maximum length of a definition (characters). */
export const DEFINITION_CHARS_MAX = 1_048_576;
/** AWS: maximum number of events in one execution history. */
export const HISTORY_EVENTS_MAX = 25_000;
/** AWS: longest open time of a Standard execution, one year. */
export const EXECUTION_SECONDS_MAX = 31_536_000;
/** AWS: characters of a state's, machine's or execution's name. */
export const NAME_CHARS_MAX = 80;
/** AWS: concurrent iterations of an inline Map, whatever MaxConcurrency says. */
export const INLINE_MAP_CONCURRENCY_MAX = 40;
/** AWS: nested intrinsic function calls. */
export const INTRINSIC_NESTING_MAX = 10;
/** AWS: elements that States.ArrayRange may make. */
export const INTRINSIC_RANGE_ITEMS_MAX = 1000;
/** AWS: characters that Base64Encode, Base64Decode and Hash take. */
export const INTRINSIC_STRING_CHARS_MAX = 10_000;
/** AWS: characters of an error name. */
export const ERROR_CHARS_MAX = 256;
/** AWS: characters of a cause. */
export const CAUSE_CHARS_MAX = 32_768;
/** AWS: a Wait of 24,856 days fails ("Wait state delay is too long."): 2^31 - 1 seconds. */
export const WAIT_SECONDS_MAX = 2_147_483_647;
/** AWS: one variable, and everything one Assign writes. */
export const VARIABLE_BYTES_MAX = 262_144;
/** AWS: all variables of an execution. */
export const VARIABLES_BYTES_MAX = 10_485_760;
/** AWS: items of a page of executions, events or machines. */
export const PAGE_ITEMS_MAX = 1000;
/** AWS: page size when none is given. */
export const PAGE_ITEMS_DEFAULT = 100;

/** Deepest nesting of JSON we read; deeper text could exhaust the stack (Jackson's default is 1000). */
export const JSON_DEPTH_MAX = 1000;
/** State transitions of one decision, so that one looping execution cannot hold the process. */
export const TRANSITIONS_PER_DECISION_MAX = 500;
/** Stimuli of one execution folded into one decision. */
export const STIMULI_PER_DECISION_MAX = 256;
/** Text of one commit; more waits for the next one (memory). */
export const COMMIT_CHARS_MAX = 8 * 1024 * 1024;
/** Executions that stay in memory between two stimuli; the others come back from the store. */
export const LIVE_EXECUTIONS_MAX = 20_000;
/** Timers due within this time are held in memory; later ones stay in the store. */
export const TIMER_HORIZON_MS = 5 * 60_000;
/** Timers held in memory at once. */
export const TIMERS_IN_MEMORY_MAX = 50_000;
/** Records after which an idle execution gets a snapshot. */
export const SNAPSHOT_RECORDS_MIN = 100;
/** Task calls under way at once in one server; more wait in line. */
export const TASKS_IN_FLIGHT_MAX = 1000;
/** HTTP request body: Lambda's 50 MB zip as base64, plus room. */
export const REQUEST_BYTES_MAX = 72 * 1024 * 1024;
/** A Lambda event or answer: AWS's 6 MB for synchronous calls. */
export const FUNCTION_PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
