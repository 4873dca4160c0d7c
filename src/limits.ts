/**
 * Every bound of the system, with AWS's quota or the reason beside it; those of the services beside the engine are in `limits/services.ts`.
 * Units are in the names: bytes are UTF-8 bytes of JSON text, times are milliseconds or seconds.
 */

/** What an owner may raise above AWS's numbers; AWS's are the default. */
export interface Quotas {
  /** Input or result of a task, state or execution, in bytes of JSON text. */
  readonly payloadBytesMax: number;
  /** Events in one execution's history. */
  readonly historyEventsMax: number;
  /** Characters of a definition. */
  readonly definitionCharsMax: number;
  /** Open time of a Standard execution. */
  readonly executionSecondsMax: number;
  /** Open time of an Express execution. */
  readonly expressSecondsMax: number;
  /** One variable, and everything one Assign writes, in bytes of JSON text. */
  readonly variableBytesMax: number;
  /** All variables of one execution together, in bytes of JSON text. */
  readonly variablesBytesMax: number;
}

/** What AWS grants. */
export const AWS_QUOTAS: Quotas = {
  payloadBytesMax: 262_144,
  historyEventsMax: 25_000,
  definitionCharsMax: 1_048_576,
  executionSecondsMax: 31_536_000,
  expressSecondsMax: 300,
  variableBytesMax: 262_144,
  variablesBytesMax: 10 * 1024 * 1024,
};

/** How far they may be raised: what a request's body, the memory for one history, and a time in milliseconds can hold. */
export const HIGHEST_QUOTAS: Quotas = {
  payloadBytesMax: 64 * 1024 * 1024,
  historyEventsMax: 10_000_000,
  definitionCharsMax: 64 * 1024 * 1024,
  executionSecondsMax: 100 * 31_536_000,
  expressSecondsMax: 31_536_000,
  variableBytesMax: 64 * 1024 * 1024,
  variablesBytesMax: 1024 * 1024 * 1024,
};

/** Only those above AWS's, by their names as settings: without `Max`. */
export const raisedQuotas = (quotas: Quotas): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(quotas)
      .filter(([key, value]) => value > AWS_QUOTAS[key as keyof Quotas]) // its own keys
      .map(([key, value]) => [key.replace(/Max$/, ''), value]),
  );

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

/** Characters of a waiting task's parameters that the list of open waits shows. */
export const OPEN_WAIT_PARAMETERS_CHARS_MAX = 2000;
/** Calls at once, and a second, that a throttling setting may name. */
export const THROTTLE_BUCKET_MAX = 1_000_000;
/** How often the call of one wait is made anew: each leaves two records, which no quota of AWS counts. */
export const SENDS_AGAIN_MAX = 100;
/** Open waits that one request looks through for those of one machine; a page may be short and have a next one. */
export const OPEN_WAITS_SCANNED_MAX = 10_000;
/** A nested execution that ends before its caller knows of its start looks again so soon. */
export const CALLER_LOOK_MS = 5;
/** AWS: how long after its end an execution can be redriven, with how many events at most, and how long a client's token is known. */
export const REDRIVE_MS_MAX = 14 * 24 * 60 * 60_000;
export const HISTORY_EVENTS_REDRIVABLE_MAX = 24_999;
export const REDRIVE_TOKEN_MS = 15 * 60_000;
/** AWS: versions and aliases of one state machine. */
export const STATE_MACHINE_VERSIONS_MAX = 1000;
export const STATE_MACHINE_ALIASES_MAX = 100;
/** AWS: characters of a description of a version or an alias. */
export const DESCRIPTION_CHARS_MAX = 256;
/** AWS: how long GetActivityTask waits for a task. */
export const ACTIVITY_POLL_MS = 60_000;
/** Waiting tasks of an activity that one look reads. */
export const ACTIVITY_SCAN_ROWS = 100;
/** AWS: tags of one resource, and characters of a tag. */
export const TAGS_MAX = 50;
export const TAG_KEY_CHARS_MAX = 128;
export const TAG_VALUE_CHARS_MAX = 256;

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
/** Text of their records; with it an execution leaves earlier (memory: some 100 MB, more where it is not Latin). */
export const LIVE_CHARS_MAX = 64 * 1024 * 1024;
/** Executions that live in memory only (Express, children of map runs) at once: a few KiB each, and their payloads. */
export const TRANSIENT_EXECUTIONS_MAX = 10_000;
/** Text of their inputs together. */
export const TRANSIENT_CHARS_MAX = 64 * 1024 * 1024;
/** Timers due within this time are held in memory; later ones stay in the store. */
export const TIMER_HORIZON_MS = 5 * 60_000;
/** A timer that fires so much later than it was due shows that the process stood still, or that somebody set the clock. */
export const TIMER_LATE_MS = 1000;
/** After that, what has come meanwhile over pipes and sockets is read for so long before timers fire: answers in time are in time. */
export const TIMER_LATE_PAUSE_MS = 100;
/** Timers held in memory at once. */
export const TIMERS_IN_MEMORY_MAX = 50_000;
/** Records after which an idle execution gets a snapshot. */
export const SNAPSHOT_RECORDS_MIN = 100;
/** Task calls under way at once in one server; more wait in line. */
export const TASKS_IN_FLIGHT_MAX = 1000;
/** Task calls that wait in memory for their turn; more stay in the store's outbox (memory). */
export const TASKS_WAITING_MAX = 10_000;
/** Text of what is sent to the tasks under way, and to those in line: the largest of AWS's payloads 128 times, and half of that. */
export const TASKS_IN_FLIGHT_CHARS_MAX = 32 * 1024 * 1024;
export const TASKS_WAITING_CHARS_MAX = 16 * 1024 * 1024;
/** HTTP request body: Lambda's 50 MB zip as base64, plus room. */
export const REQUEST_BYTES_MAX = 72 * 1024 * 1024;
/** A Lambda event or answer: AWS's 6 MB for synchronous calls. */
export const FUNCTION_PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;

/** Pages (4 KiB) in SQLite's write-ahead log before they are moved into the file: a checkpoint of 1000 holds commits up for 8 ms. */
export const STORE_CHECKPOINT_PAGES = 1000;
/** The write-ahead log keeps so much of its file when it is empty: it grows while a backup or another long read is under way. */
export const STORE_LOG_BYTES_KEPT = 64 * 1024 * 1024;
/** Executions that one retention transaction deletes, and rows after which it stops early: commits wait for it a few ms. */
export const STORE_DELETE_EXECUTIONS_MAX = 100;
export const STORE_DELETE_ROWS_MAX = 5000;
/** Free pages given back to the disk at once: under 1 ms, 190 MB/s. */
export const STORE_VACUUM_PAGES = 100;
/** Reads that travel to the reading thread together (memory of their answers). */
export const STORE_READS_PER_MESSAGE_MAX = 64;
/** Transactions whose duration is remembered for percentiles. */
export const STORE_SAMPLES_MAX = 1024;
/** Page cache of the writing and of the reading connection. */
export const STORE_WRITE_CACHE_KIB = 65_536;
export const STORE_READ_CACHE_KIB = 32_768;
/** Machine ARNs and revisions whose numbers the writing thread remembers. */
export const STORE_INTERNED_MAX = 20_000;

/** Requests under way that bring new work; others may be twice as many. At some thousand a second nobody waits for long. */
export const REQUESTS_IN_FLIGHT_MAX = 2000;
/** Bytes of the requests under way (memory: decoding and writing them takes several times as much). */
export const REQUESTS_BYTES_MAX = 32 * 1024 * 1024;
/** What a request costs besides its body. */
export const REQUEST_BASE_BYTES = 4096;
/** How long a server that is told to stop waits for calls under way; longer ones are made again after the next start. */
export const DRAIN_MS_MAX = 5000;
export const DRAIN_LOOK_MS = 10;
/** HTTP connections at once: each costs a socket and a few KiB. */
export const CONNECTIONS_MAX = 10_000;
/** AWS: one SNS message, UTF-8 bytes. */
export const TOPIC_MESSAGE_BYTES_MAX = 262_144;
/** Every publish writes one delivery for each subscription in its transaction (AWS allows 12.5 million). */
export const TOPIC_SUBSCRIPTIONS_MAX = 1000;
/** AWS: messages of one PublishBatch. */
export const TOPIC_BATCH_ENTRIES_MAX = 10;
/** Deliveries of one queue that are under way at once; the others wait in the store. */
export const DELIVERIES_IN_FLIGHT_MAX = 16;
/** Waiting deliveries held in memory; later ones are read from the store when these are done. */
export const DELIVERIES_IN_MEMORY_MAX = 1000;
/** AWS: an asynchronous invocation that fails is tried twice more, after one and after two minutes. */
export const ASYNC_RETRY_DELAYS_MS: readonly number[] = [60_000, 120_000];
/** AWS: what a function may set of its asynchronous calls: tries after the first, and age of an event (six hours unless set). */
export const ASYNC_RETRIES_MAX = 2;
export const ASYNC_AGE_SECONDS_MIN = 60;
export const ASYNC_AGE_SECONDS_MAX = 21_600;
/** How long the result of a keyed effect is kept for repetitions of the same call; they come within a restart. */
export const PERFORMED_KEPT_MS = 24 * 60 * 60_000;
/** AWS: an event for an asynchronous invocation. */
export const ASYNC_EVENT_BYTES_MAX = 1_048_576;
/** AWS: the last 4 KB of the log, for LogType Tail. */
export const LOG_TAIL_BYTES_MAX = 4096;

/** AWS: largest answer of a synchronous call; a function that returns more fails with Function.ResponseSizeTooLarge. */
export const FUNCTION_RESPONSE_BYTES_MAX = 6_291_556;
/** AWS: a function's zip uploaded directly, 50 MB. */
export const FUNCTION_ZIP_BYTES_MAX = 52_428_800;
/** AWS: a function's code unpacked, 250 MB. */
export const FUNCTION_UNZIPPED_BYTES_MAX = 262_144_000;
/** Files of one function: more would mean that CodeUri names a far too high folder. */
export const FUNCTION_FILES_MAX = 50_000;
/** AWS: all environment variables of a function, as JSON. */
export const FUNCTION_ENVIRONMENT_BYTES_MAX = 4096;
/** AWS: seconds that one call may last, and the default. */
export const FUNCTION_TIMEOUT_SECONDS_MAX = 900;
export const FUNCTION_TIMEOUT_SECONDS_DEFAULT = 3;
/** AWS: memory of a function in MB. */
export const FUNCTION_MEMORY_MB_MIN = 128;
export const FUNCTION_MEMORY_MB_MAX = 10_240;
/** AWS: characters of a function's description and handler. */
export const FUNCTION_DESCRIPTION_CHARS_MAX = 256;
export const FUNCTION_HANDLER_CHARS_MAX = 128;
/** AWS: seconds for loading a function's code; a longer time-out of the function wins. */
export const FUNCTION_INIT_SECONDS_MAX = 10;
/** Aliases of one function: they are written together (AWS has no bound). */
export const FUNCTION_ALIASES_MAX = 200;
/** AWS: a function's resource policy as JSON. */
export const FUNCTION_POLICY_BYTES_MAX = 20_480;
/** AWS: tags of a function. */
export const FUNCTION_TAGS_MAX = 50;
/** Files of a function's folder must be still for so long before they are taken over: editors write several times. */
export const FUNCTION_RELOAD_DELAY_MS = 200;
/** Folders that are watched for changes; each takes one of the system's watches (8192 in old systems). */
export const FUNCTION_WATCHED_FOLDERS_MAX = 4000;
/** npm or pip may take so long; a project with many packages takes one or two minutes. */
export const FUNCTION_INSTALL_MS_MAX = 10 * 60_000;
/** Installations at once; more only wait for each other's disk and network. */
export const FUNCTION_INSTALLS_AT_ONCE_MAX = 2;
/** So often somebody who waits for an installation hears of it. */
export const FUNCTION_INSTALL_TELL_MS = 10_000;
/** How long a look at what Python has already may take. */
export const FUNCTION_INSTALL_CHECK_MS_MAX = 20_000;
/** Of an installation's output: what is held, and the last lines that are shown when it failed. */
export const FUNCTION_INSTALL_OUTPUT_CHARS_KEPT = 16_384;
export const FUNCTION_INSTALL_LINES_SHOWN = 15;
/** AWS: characters of a layer's name. */
export const LAYER_NAME_CHARS_MAX = 140;
/** AWS: layers of one function. */
export const FUNCTION_LAYERS_MAX = 5;
/** AWS's numbers of an account, as GetAccountSettings shows them; nothing is refused by them here. */
export const FUNCTION_CODE_BYTES_TOTAL = 80_530_636_800;
export const FUNCTION_CONCURRENCY_TOTAL = 1000;
/** Child processes of all functions (about 45 MB each). */
export const FUNCTION_CHILDREN_MAX = 80;
/** Child processes of one function without reserved concurrency: an inline Map's 40 iterations at once. */
export const FUNCTION_CONCURRENCY_DEFAULT = 40;
/** Children of one function that load at once; more only steal each other's processor time. */
export const FUNCTION_STARTS_AT_ONCE_MAX = 4;
/** While calls wait for a child, so often it is asked whether another one would serve them sooner. */
export const FUNCTION_GROWTH_DELAY_MS = 10;
/** Calls of one function waiting for a child; more are refused with TooManyRequestsException. */
export const FUNCTION_WAITING_CALLS_MAX = 1000;
/** The last idle child of a function goes after this time, … */
export const FUNCTION_IDLE_MS = 10 * 60_000;
/** … the others much earlier (memory). */
export const FUNCTION_SURPLUS_IDLE_MS = 30_000;
/** Memory of busy children is looked at this often. */
export const FUNCTION_MEMORY_CHECK_MS = 50;
/** CloudWatch's old bound of one log event, 256 KB; longer lines are cut into several. */
export const FUNCTION_LOG_LINE_BYTES_MAX = 262_144;
/** Size after which a function's log goes on in a new file, and how many of these files are kept. */
export const FUNCTION_LOG_FILE_BYTES_MAX = 8 * 1024 * 1024;
export const FUNCTION_LOG_FILES_MAX = 2;
/** Log text waiting for the disk; above it, reading from functions' outputs pauses. */
export const FUNCTION_LOG_PENDING_CHARS_MAX = 4 * 1024 * 1024;
/** Log lines of one page. */
export const FUNCTION_LOG_PAGE_LINES_MAX = 10_000;
/** Records or log lines that wait for a slow follower; then it has to ask again from the last one it saw. */
export const FOLLOW_ITEMS_MAX = 1000;
/** A following client hears something at least so often: under the 30 s after which proxies drop a silent connection. */
export const FOLLOW_HEARTBEAT_MS = 15_000;
/** Whoever waits for an execution's end is answered after so long in any case, for the same proxies. */
export const END_WAIT_MS_MAX = 15_000;
/** AWS: a template body, 1 MB from S3; an ASL file may be as long. */
export const TEMPLATE_BYTES_MAX = 1_048_576;
/** Values of a template with its aliases written out, so that aliases of aliases cannot fill the memory. */
export const TEMPLATE_VALUES_MAX = 200_000;
/** Nesting of a template's values; our recursion would exhaust the stack on more. */
export const TEMPLATE_DEPTH_MAX = 200;
/** AWS: resources of one template. */
export const TEMPLATE_RESOURCES_MAX = 500;
/** The CLI's index of an assembly; older releases wrote stack traces of every construct into it. */
export const ASSEMBLY_FILE_BYTES_MAX = 67_108_864;
/** AWS: stacks of one account and region. */
export const STACKS_MAX = 2000;
/** Stacks of one CDK assembly; each is a whole template of its own. */
export const ASSEMBLY_STACKS_MAX = 100;
/** CDK's stages are assemblies inside of assemblies; more would be a folder that contains itself. */
export const ASSEMBLIES_NESTED_MAX = 8;
/** AWS: characters of a function's name. */
export const FUNCTION_NAME_CHARS_MAX = 64;
/** AWS: characters of a topic's name. */
export const TOPIC_NAME_CHARS_MAX = 256;
/** AWS: characters of a table's name. */
export const TABLE_NAME_CHARS_MAX = 255;
/** Diagnostics kept of one definition; a text that is wrong everywhere needs no longer list (AWS shows at most 100). */
export const DIAGNOSTICS_MAX = 1000;
/** Depth of Parallel and Map states within each other (AWS: TOO_DEEPLY_NESTED, number not published); bounds recursion. */
export const STATE_NESTING_MAX = 64;
/** AWS: characters of a Map's Label. */
export const LABEL_CHARS_MAX = 40;
/** AWS: seconds of a Wait, a time-out, a heartbeat; attempts and interval of a Retrier. */
export const ASL_INTEGER_MAX = 99_999_999;
/** AWS: MaxDelaySeconds of a Retrier, one leap year. */
export const RETRY_DELAY_SECONDS_MAX = 31_622_400;
/** State machines, and compiled revisions of them, held in memory; the others come back from the store. */
export const REVISIONS_IN_MEMORY_MAX = 2000;
/** AWS services whose models stay unpacked: up to 300 kB of text each, a few milliseconds to unpack again. */
export const SERVICE_MODELS_IN_MEMORY_MAX = 16;
/** AWS: connections of EventBridge in one region. */
export const CONNECTIONS_OF_EVENTS_MAX = 3000;
/** AWS: how long a topic waits for the answer of an HTTP endpoint. */
export const TOPIC_HTTP_MS_MAX = 15_000;
/** AWS: recipients of one mail, and the bytes of its content in version 1. */
export const MAIL_RECIPIENTS_MAX = 50;
export const MAIL_BYTES_MAX = 10 * 1024 * 1024;
/** A mail server that says nothing for so long is tried again later. */
export const SMTP_MS_MAX = 30_000;
/** The longest answer of another endpoint: a function may run for 15 minutes. */
export const REMOTE_CALL_MS_MAX = 16 * 60_000;
/** AWS: how long an HTTP Task waits for its answer. */
export const HTTP_TASK_MS_MAX = 60_000;
/** OAuth tokens of connections that are kept until they expire; others are fetched again. */
export const OAUTH_TOKENS_MAX = 1000;
/** An answer that a Task of the AWS SDK integrations reads: more than the highest quota of a payload, and its markup. */
export const SDK_ANSWER_BYTES_MAX = 128 * 1024 * 1024;
/** Compiled JSONPaths kept in the process; about 1 kB each, more than a busy server's definitions hold. */
export const PATHS_CACHED_MAX = 10_000;
/** Values that one evaluation of a path visits: several wildcards or `..` parts multiply, and would hold the process. */
export const PATH_VISITS_MAX = 1_000_000;
/** Parentheses, lists and filters within each other in one expression; bounds recursion. */
export const EXPRESSION_NESTING_MAX = 50;
/** Characters that one States.Format makes: four times AWS's payload, since a result over that could only fail later. */
export const FORMAT_CHARS_MAX = 1_048_576;
/** Characters of the sentence that says why a choice rule matched or not. */
export const CHOICE_DESCRIPTION_CHARS_MAX = 1000;
/** Characters of one value in that sentence. */
export const CHOICE_VALUE_CHARS_MAX = 60;

/** AWS: children of one map run that run at once, whatever MaxConcurrency says. */
export const MAP_RUN_CONCURRENCY_MAX = 10_000;
/** AWS: redrives of one Map Run. */
export const MAP_RUN_REDRIVES_MAX = 1000;
/** Children of one map run under way here at once: more would only wait for the same processors and disk (memory). */
export const MAP_RUN_CHILDREN_IN_FLIGHT_MAX = 1000;
/** Inputs of children that one stored chunk holds, and the text after which it is full (memory; one chunk of a run is held). */
export const MAP_RUN_CHUNK_CHILDREN_MAX = 500;
export const MAP_RUN_CHUNK_CHARS_MAX = 512 * 1024;
/** Documents of children that are read or deleted together: each may hold an output of 256 KiB (memory). */
export const MAP_RUN_PAGE_CHILDREN = 100;
/** Map runs that read their items at once: each holds a piece of a file. */
export const MAP_RUNS_READING_MAX = 8;

/** AWS: items of one distributed Map; a larger MaxItems means this one. */
export const MAP_ITEMS_MAX = 100_000_000;
/** AWS: a file that an ItemReader reads, 10 GB. */
export const MAP_FILE_BYTES_MAX = 10 * 1024 ** 3;
/** AWS: one item of such a file before ItemSelector makes it smaller, 8 MB. */
export const MAP_ITEM_BYTES_MAX = 8 * 1024 * 1024;
/** AWS: the header of a CSV file, 10 KiB. */
export const CSV_HEADER_BYTES_MAX = 10 * 1024;
/** AWS: a row group and the footer of a Parquet file. */
export const PARQUET_ROW_GROUP_BYTES_MAX = 256 * 1024 * 1024;
export const PARQUET_FOOTER_BYTES_MAX = 5 * 1024 * 1024;
/** Rows that the decoding thread gives at once: a message costs as much as some ten rows. */
export const PARQUET_ROWS_PER_MESSAGE = 500;
/** Heap of that thread: a row group's values take several times their bytes. */
export const PARQUET_HEAP_MB_MAX = 2048;
/** A largest row group is decoded in some 20 s; a thread that is silent longer loops over a broken file. */
export const PARQUET_SILENCE_MS_MAX = 60_000;
/** An inventory's manifest.json: some 100 bytes for each data file, more than S3 ever makes (memory). */
export const INVENTORY_MANIFEST_BYTES_MAX = 8 * 1024 * 1024;
/** AWS: one file of a ResultWriter, 5 GB; more results go to the next one. */
export const RESULT_FILE_BYTES_MAX = 5 * 1024 ** 3;
/** Text of a result file that waits for its upload (memory; there are three kinds of files). */
export const RESULT_CHUNK_CHARS_MAX = 64 * 1024;
/** Files of one kind that a ResultWriter makes: 5 TB, which is also S3's largest object. */
export const RESULT_FILES_MAX = 1000;

/** How often executions are looked for that have been open longer than they may. */
export const OPEN_TIME_LOOK_MS = 60 * 60_000;
/** Executions of one page of that look. */
export const OPEN_TIME_PAGE_EXECUTIONS = 100;
/** Asynchronous Express starts that wait for room in memory; more are throttled. Each is a key of 36 characters here and a row in the store. */
export const EXPRESS_STARTS_WAITING_MAX = 100_000;
/** Tasks whose last heartbeat is held in memory; beats of further ones are throttled. */
export const HEARTBEATS_IN_MEMORY_MAX = 200_000;
/** Late timers in a row that a silent task is given another interval for: a server that is always late still finds dead workers. */
export const HEARTBEATS_SPARED_MAX = 3;

/** AWS: how long the history of an ended execution is kept. */
export const RETENTION_DAYS_DEFAULT = 90;
/** How often old executions are looked for. */
export const RETENTION_LOOK_MS = 10 * 60_000;
/** Executions that are deleted before the file gives their space back. */
export const RETENTION_EXECUTIONS_MAX = 20_000;
/** Records of one execution on a virtual clock (`treadle/testing`): a loop without end must not fill the memory of a test. */
export const SCENARIO_RECORDS_MAX = 200_000;
/** Real time that one mock or handler may take in a test: longer means that its promise was forgotten. */
export const SCENARIO_ANSWER_MS_MAX = 30_000;
/** Map runs that are deleted at once, each with the documents of all its children. */
export const RETENTION_MAP_RUNS_MAX = 100;

/** AWS: characters of a queue's name. */
export const QUEUE_NAME_CHARS_MAX = 80;
/** AWS: one message with its attributes, 1 MiB since August 2025. */
export const QUEUE_MESSAGE_BYTES_MAX = 1_048_576;
export const QUEUE_MESSAGE_BYTES_MIN = 1024;
/** AWS: seconds of a queue's settings. */
export const QUEUE_DELAY_SECONDS_MAX = 900;
export const QUEUE_VISIBILITY_SECONDS_MAX = 43_200;
export const QUEUE_WAIT_SECONDS_MAX = 20;
export const QUEUE_RETENTION_SECONDS_MIN = 60;
export const QUEUE_RETENTION_SECONDS_MAX = 1_209_600;
/** AWS: receives after which a message goes to the dead-letter queue. */
export const QUEUE_RECEIVES_MAX = 1000;
/** AWS: attributes of a message; messages of one batch or one receive. */
export const QUEUE_ATTRIBUTES_MAX = 10;
export const QUEUE_BATCH_MAX = 10;
/** AWS: messages of one queue that are received and not deleted: 120,000, and 20,000 of a FIFO queue. */
export const QUEUE_IN_FLIGHT_MAX = 120_000;
export const QUEUE_FIFO_IN_FLIGHT_MAX = 20_000;
/** AWS: how long a FIFO queue knows a deduplication id. */
export const QUEUE_DEDUPLICATION_MS = 5 * 60_000;
/** Waiting messages of one queue whose numbers are held in memory (a FIFO queue looks that far for a free group, as on AWS). */
export const QUEUE_WINDOW_MESSAGES = 20_000;
/** Messages that one read brings; their bodies are in memory only for that long. */
export const QUEUE_PAGE_MESSAGES = 200;
/** AWS: tags of a queue. */
export const QUEUE_TAGS_MAX = 50;
/** AWS: event source mappings of a queue: messages of one batch, seconds of its window, batches at once. */
export const EVENT_SOURCE_BATCH_MAX = 10_000;
export const EVENT_SOURCE_WINDOW_SECONDS_MAX = 300;
export const EVENT_SOURCE_CONCURRENCY_MAX = 1000;
/** AWS: filters of one mapping. */
export const EVENT_SOURCE_FILTERS_MAX = 5;
/** AWS begins with five batches at once. */
export const EVENT_SOURCE_CONCURRENCY_DEFAULT = 5;
/** How long is waited where the queue or the function is missing or throttled. */
export const EVENT_SOURCE_PAUSE_MS = 1000;
/** Mappings of a server: each waits at its queue (memory). */
export const EVENT_SOURCES_MAX = 1000;
/** AWS: expressions within each other while one is evaluated ("Depth=101 max=100"). */
export const JSONATA_DEPTH_MAX = 100;
/** AWS: bytes of one value of an expression (a number 8, a character 1): "Expression evaluation memory limit exceeded". */
export const JSONATA_VALUE_BYTES_MAX = 6_990_256;
/** Items of one sequence: what AWS's bytes of one value allow, at 8 bytes a number. */
export const JSONATA_ITEMS_MAX = 873_782;
/** AWS: items that $range may make. */
export const JSONATA_RANGE_ITEMS_MAX = 360_145;
/** Work of one evaluation, about 4 million steps: under a second, and at most half a gigabyte that is kept. */
export const JSONATA_WORK_MAX = 64_000_000;
/** Nesting of one expression's text; more could not be evaluated, and bounds the parser's recursion. */
export const JSONATA_NESTING_MAX = 500;
/** Compiled expressions kept in the process; a few kB each. */
export const JSONATA_CACHED_MAX = 5000;

/** AWS: longest TestState, five minutes. */
export const TEST_STATE_SECONDS_MAX = 300;
/** States tested at once: twice AWS's 50 a second, for one may take long; the next is told to come again. */
export const TEST_STATES_MAX = 100;

/** AWS: characters of a trace header. */
export const TRACE_HEADER_CHARS_MAX = 256;
