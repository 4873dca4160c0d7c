/** Bounds of the services beside the engine: logs, objects, events, schedules, metrics, traces. */

/** AWS: characters of a log group's name. */
export const LOG_NAME_CHARS_MAX = 512;
/** AWS: events of one PutLogEvents, bytes of all of them, and bytes of one. */
export const LOG_BATCH_EVENTS_MAX = 10_000;
export const LOG_BATCH_BYTES_MAX = 1_048_576;
export const LOG_EVENT_BYTES_MAX = 1_048_576;
/** AWS: events of one page. */
export const LOG_PAGE_EVENTS_MAX = 10_000;
/** AWS: terms of a filter pattern. */
export const LOG_FILTER_TERMS_MAX = 30;
/** Events, and their characters, that one row of the store holds. */
export const LOG_CHUNK_EVENTS = 500;
export const LOG_CHUNK_CHARS = 262_144;
/** Rows that one page looks through; a page may be empty and have a next one, as on AWS. */
export const LOG_CHUNKS_PER_READ = 2000;
/** Events of executions are written together after this time: nobody waits for them. */
export const LOG_COLLECT_MS = 100;
/** Characters of events that wait for the store; more are dropped and counted. */
export const LOG_PENDING_CHARS_MAX = 64 * 1024 * 1024;
/** How often old events are looked for. */
export const LOG_SWEEP_MS = 60 * 60_000;
/** AWS: an execution's event in a log; longer payloads are left out of it. */
export const LOGGED_PAYLOAD_CHARS_MAX = 248 * 1024;
/** AWS: characters of a bucket's name. */
export const BUCKET_NAME_CHARS_MAX = 63;
/** AWS: bytes of an object's key, as UTF-8. */
export const OBJECT_KEY_BYTES_MAX = 1024;
/** AWS: one PutObject, one part, one copy: 5 GiB. */
export const OBJECT_PUT_BYTES_MAX = 5 * 1024 ** 3;
/** AWS: one object, however uploaded: 5 TiB. */
export const OBJECT_BYTES_MAX = 5 * 1024 ** 4;
/** AWS: parts of one upload, and the least size of all but the last. */
export const OBJECT_PARTS_MAX = 10_000;
export const OBJECT_PART_BYTES_MIN = 5 * 1024 ** 2;
/** AWS: names and values of an object's user metadata. */
export const OBJECT_METADATA_BYTES_MAX = 2048;
/** AWS: keys, uploads or parts of one page, and keys of one DeleteObjects. */
export const OBJECT_PAGE_ITEMS_MAX = 1000;
/** AWS: buckets of one page of ListBuckets. */
export const BUCKET_PAGE_ITEMS_MAX = 10_000;
/** Names read from the store at once where a delimiter folds many of them into one line of the answer. */
export const OBJECT_SCAN_ITEMS = 200;
/** Bytes gathered before one write to the disk, and read from it at once: fewer trips to the thread pool (memory of each transfer). */
export const OBJECT_TRANSFER_BYTES = 256 * 1024;
/** XML of a request: 10,000 parts with two checksums each, or 1000 keys of 1024 escaped bytes. */
export const OBJECT_XML_BYTES_MAX = 8 * 1024 * 1024;
/** One line of aws-chunked framing (size, signature), and all trailers; AWS's longest is about 120 bytes. */
export const CHUNK_LINE_BYTES_MAX = 1024;
export const CHUNK_TRAILER_BYTES_MAX = 8192;
/** An upload whose sender says nothing for this time is given up; AWS waits about as long. */
export const OBJECT_IDLE_MS = 60_000;
/** Body bytes read and thrown away after a request was refused, so that its sender gets to see the answer. */
export const OBJECT_DRAINED_BYTES_MAX = 16 * 1024 * 1024;
/** A whole HTTP request may take so long: 5 GiB at 12 Mbit/s. */
export const REQUEST_MS_MAX = 60 * 60_000;

/** AWS: entries of one PutEvents, and their bytes together: 1 MiB since January 2026, 256 KiB before. */
export const EVENT_ENTRIES_MAX = 10;
export const EVENT_ENTRIES_BYTES_MAX = 1_048_576;
/** AWS: an event pattern. */
export const EVENT_PATTERN_CHARS_MAX = 4096;
/** Fields within each other in one pattern; bounds recursion. */
export const EVENT_PATTERN_NESTING_MAX = 50;
/** Wildcards in one text of a pattern; a pattern of AWS's length has no sensible use for more. */
export const EVENT_PATTERN_WILDCARDS_MAX = 100;
/** AWS: custom buses of a region, rules of a bus, targets of a rule, tags. */
export const EVENT_BUSES_MAX = 100;
export const EVENT_RULES_MAX = 300;
export const EVENT_TARGETS_MAX = 5;
export const EVENT_TAGS_MAX = 50;
/** AWS: a constant Input or an InputTemplate of a target. */
export const EVENT_TARGET_INPUT_CHARS_MAX = 8192;
/** AWS: variables of an InputTransformer. */
export const EVENT_TARGET_PATHS_MAX = 100;
/** AWS: how often and how long a target of a rule or a schedule is tried. */
export const TARGET_RETRIES_MAX = 185;
export const EVENT_AGE_SECONDS_MIN = 60;
export const EVENT_AGE_SECONDS_MAX = 86_400;
/** Waiting times between those attempts: 185 of eight minutes are AWS's 24 hours. */
export const TARGET_RETRY_DELAY_MS_MIN = 1000;
export const TARGET_RETRY_DELAY_MS_MAX = 480_000;
/** Times of a schedule that its time zone leaves out, one after the other: a day of minutes at most. */
export const SCHEDULE_SKIPS_MAX = 1500;
/** Schedules of one server, all in memory (AWS has a million; each is about 1 kB here, and every firing looks at all). */
export const SCHEDULES_MAX = 10_000;
/** AWS: schedule groups. */
export const SCHEDULE_GROUPS_MAX = 500;
/** AWS: input or output in an event of an execution's status, as a JSON string; larger ones are left out. */
export const STATUS_EVENT_PAYLOAD_BYTES_MAX = 248 * 1024;
/** Metrics that are kept, each with its dimensions: about 1 kB of memory; more would be names that never come again. */
export const METRIC_SERIES_MAX = 10_000;
/** Buckets of one datapoint's histogram; beyond, every two become one (memory, 16 kB on the disk at most). */
export const METRIC_BUCKETS_MAX = 512;
/** How often values in memory go to the disk: what a crash may lose. */
export const METRIC_FLUSH_MS = 5000;
/** Series of one transaction, so that executions' commits do not wait long for it. */
export const METRIC_SERIES_PER_WRITE = 200;
/** Minutes in memory that are not in their hour yet; more have to be written first. */
export const METRIC_OPEN_POINTS_MAX = 50_000;
/** AWS keeps one-minute datapoints 15 days. */
export const METRIC_RETENTION_MS = 15 * 24 * 60 * 60_000;
/** AWS: metrics of one PutMetricData, and values of one of them. */
export const METRIC_DATA_MAX = 1000;
export const METRIC_VALUES_MAX = 150;
/** AWS: dimensions of a metric, queries and datapoints of one GetMetricData, datapoints of one GetMetricStatistics. */
export const METRIC_DIMENSIONS_MAX = 30;
export const METRIC_QUERIES_MAX = 500;
export const METRIC_DATAPOINTS_MAX = 100_800;
export const METRIC_STATISTICS_DATAPOINTS_MAX = 1440;
/** Hours that one GetMetricData reads, of all its metrics together: some seconds; 15 days of 100 metrics. */
export const METRIC_READ_HOURS_MAX = 36_000;
/** Hours of one metric that one read brings, so that their decoding holds others up for a few ms only. */
export const METRIC_HOURS_PER_READ = 50;
/** AWS: metrics of one page of ListMetrics. */
export const METRIC_LIST_PAGE = 500;
/** Nesting of a CBOR body: the deepest input of CloudWatch has 8. */
export const CBOR_DEPTH_MAX = 64;
/** Names of machines, and of resources, on the Prometheus page; the others are counted together as `other`. */
export const PROMETHEUS_NAMES_MAX = 100;
/** Machines and resources whose metrics are at hand without a look-up. */
export const METRIC_SOURCES_CACHED_MAX = 2000;
/** Spans of one execution; OpenTelemetry's exporters hold 2048 in their queue. */
export const TRACE_SPANS_MAX = 1000;
/** Parentheses of one metric-math expression within each other, and half its words; bounds recursion. */
export const METRIC_EXPRESSION_NESTING_MAX = 50;
/** Executions that run and whose tasks' times are remembered: more than the live ones, about 500 bytes each. */
export const TRACKED_EXECUTIONS_MAX = 50_000;
/** AWS: lists and maps within each other in one attribute. */
export const TABLE_NESTING_MAX = 32;
/** AWS: bytes of an expression. */
export const TABLE_EXPRESSION_BYTES_MAX = 4096;
/** AWS: operators of an expression; here those within each other, which bounds recursion. */
export const TABLE_EXPRESSION_DEPTH_MAX = 300;
/** AWS: indexes of a table. */
export const TABLE_LOCAL_INDEXES_MAX = 5;
export const TABLE_GLOBAL_INDEXES_MAX = 20;
/** AWS: capacity units that can be asked for. */
export const TABLE_UNITS_MAX = 1_000_000_000_000;
/** AWS: bytes of an item, with the names of its attributes. */
export const TABLE_ITEM_BYTES_MAX = 409_600;
/** AWS: bytes of a key's parts. */
export const TABLE_HASH_BYTES_MAX = 2048;
export const TABLE_RANGE_BYTES_MAX = 1024;
/** AWS: bytes of items that one Query or Scan looks at. */
export const TABLE_PAGE_BYTES_MAX = 1_048_576;
/** Characters of items read from the store at once: a page is read in parts, and others come in between. */
export const TABLE_READ_CHARS = 262_144;
/** Items read from the store at once. */
export const TABLE_READ_ITEMS = 1000;
/** AWS: tables of one region (its default quota). */
export const TABLES_MAX = 2500;
/** AWS: tags of a table. */
export const TABLE_TAGS_MAX = 50;
/** AWS: keys of one BatchGetItem, writes of one BatchWriteItem, and bytes that a BatchGetItem answers with. */
export const TABLE_BATCH_KEYS_MAX = 100;
export const TABLE_BATCH_WRITES_MAX = 25;
export const TABLE_BATCH_BYTES_MAX = 16 * 1024 * 1024;
/** AWS: actions of one transaction, and bytes of their items. */
export const TABLE_TRANSACTION_ACTIONS_MAX = 100;
export const TABLE_TRANSACTION_BYTES_MAX = 4 * 1024 * 1024;
/** AWS: how long a transaction's ClientRequestToken is remembered. */
export const TABLE_TOKEN_MS = 10 * 60_000;
/** AWS: how long a stream keeps a change, and how long an iterator can be used. */
export const STREAM_RETENTION_MS = 24 * 60 * 60_000;
export const STREAM_ITERATOR_MS = 15 * 60_000;
/** AWS: records of one GetRecords, and their size: 1 MB. */
export const STREAM_PAGE_RECORDS = 1000;
export const STREAM_PAGE_CHARS = 1_048_576;
/** AWS: how far back a table can be restored to; days. */
export const TABLE_LOG_DAYS_MAX = 35;
/** AWS deletes expired items within a few days; here it is looked for them this often. */
export const TABLE_EXPIRY_SWEEP_MS = 10_000;
/** Expired items that are looked up together. */
export const TABLE_EXPIRY_ITEMS = 100;
/** AWS: items that expired longer ago than this are left alone: the time is taken for a mistake. */
export const TABLE_EXPIRY_AGE_MS_MAX = 5 * 365 * 24 * 60 * 60_000;
/** How often a stream without changes is looked at for a function; AWS does so four times a second. */
export const STREAM_POLL_MS = 250;
/** Pauses before changes are given again to a function that has failed on them. */
export const STREAM_RETRY_MS_MIN = 500;
export const STREAM_RETRY_MS_MAX = 30_000;
/** Routes, stages, keys and addresses of the HTTP front door, all in memory; AWS: 300 routes an API, 600 APIs. */
export const FRONT_PARTS_MAX = 50_000;
/** AWS: a request to an API, one to a function's address, and what a function may answer. */
export const API_REQUEST_BYTES_MAX = 10 * 1024 * 1024;
export const FUNCTION_PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
/** AWS: how long an integration of a REST API and of an HTTP API may take. */
export const REST_INTEGRATION_MS_MAX = 29_000;
export const HTTP_INTEGRATION_MS_MAX = 30_000;
/** A set of keys of an issuer of tokens, how long it is waited for, and of how many issuers keys are kept. */
export const JWKS_BYTES_MAX = 1024 * 1024;
export const JWKS_MS_MAX = 5000;
export const JWT_ISSUERS_MAX = 1000;
/** Deliveries of webhooks are known again for so long: longer than senders repeat them (Stripe three days). */
export const WEBHOOK_DELIVERIES_KEPT_MS = 7 * 24 * 60 * 60_000;
/** A delivery of a webhook: what an execution may take as input, with room for its envelope. */
export const WEBHOOK_BYTES_MAX = 1024 * 1024;
/** A business key that a waiting task is found by. */
export const WAIT_KEY_CHARS_MAX = 256;
/** AWS: the text of a bucket's policy. */
export const OBJECT_POLICY_BYTES_MAX = 20 * 1024;
/** Buckets whose policies are at hand without a look-up. */
export const BUCKET_POLICIES_CACHED_MAX = 1000;
/** AWS: versions of a secret; those without a label go first. */
export const SECRET_VERSIONS_MAX = 100;
/** AWS: bytes of a secret's value. */
export const SECRET_VALUE_BYTES_MAX = 65_536;
/** Secrets read from the store at once. */
export const SECRETS_PAGE = 100;
/** AWS: tags of a secret, labels of a version, characters of a generated password. */
export const SECRET_TAGS_MAX = 50;
export const SECRET_LABELS_MAX = 20;
export const SECRET_PASSWORD_CHARS_MAX = 4096;
/** How often secrets that were deleted are looked for. */
export const SECRETS_SWEEP_MS = 60 * 60_000;
/** AWS: alarms of a region; here of all of them together. */
export const ALARMS_MAX = 5000;
/** AWS: actions of one state, names of one DeleteAlarms, alarms or lines of history of one page. */
export const ALARM_ACTIONS_MAX = 5;
export const ALARM_NAMES_MAX = 100;
export const ALARM_PAGE_ITEMS_MAX = 100;
/** AWS: the periods of an evaluation together: seven days where a period is an hour or longer, else one day. */
export const ALARM_RANGE_SECONDS_MAX = 7 * 86_400;
/** Alarms are looked at so often, and so many of them at once; of more, each is looked at less often. */
export const ALARM_LOOK_MS = 10_000;
export const ALARMS_PER_LOOK = 500;
/** AWS: how long an alarm's history is kept. */
export const ALARM_HISTORY_MS = 30 * 86_400_000;
/** An action that fails is tried so often and so long. */
export const ALARM_ACTION_RETRIES_MAX = 20;
export const ALARM_ACTION_SECONDS_MAX = 3600;

/** Backups by the schedule: at half past two in the night, the newest of each of seven days. */
export const BACKUP_TIME_DEFAULT = '02:30';
export const BACKUP_KEEP_DAYS_DEFAULT = 7;
export const BACKUP_KEEP_DAYS_MAX = 3650;
/** How often the schedule looks at the clock, and how long a server runs before it makes up for a backup that it missed. */
export const BACKUP_LOOK_MS = 60_000;
export const BACKUP_MISSED_DELAY_MS = 5 * 60_000;
/** Left free on the disk beside a backup or a restored folder. */
export const BACKUP_SPARE_BYTES = 64 * 1024 * 1024;
/** Page cache of the connection that copies: it reads each page once. */
export const BACKUP_CACHE_KIB = 8192;
/** Read at once, to copy and to check. */
export const BACKUP_CHUNK_BYTES = 1024 * 1024;
/** One line of a backup's list of files: three times the longest path of Linux. */
export const BACKUP_LINE_BYTES_MAX = 12_288;
/** Objects' files that are not deleted while a backup is made; further ones go at the next start. */
export const OBJECT_REMOVALS_HELD_MAX = 100_000;
/** The server's own log file: a new one after so many bytes, and so many kept besides the current one. */
export const SERVER_LOG_FILE_BYTES_MAX = 8 * 1024 * 1024;
export const SERVER_LOG_FILES_KEPT = 4;
/** One line of it; what is longer is cut. */
export const SERVER_LOG_LINE_CHARS_MAX = 32_768;
/** Stored text of the one history that is kept for a client's next page, and for how long after the last. */
export const HISTORY_KEPT_CHARS_MAX = 16 * 1024 * 1024;
export const HISTORY_KEPT_MS = 5000;
