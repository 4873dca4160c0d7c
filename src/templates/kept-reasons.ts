/** Why things of a template have no effect here, where several have the same reason. */
export const TAGS = 'tags are not stored';
export const ACCESS = 'access is not restricted here';
export const ENCRYPTION = 'data is not encrypted here';
export const NETWORK = 'functions run on this machine, without a network of their own';
export const LOGS = 'logs are always kept, in one place';
export const STORAGE = 'there is one kind of storage here';
export const TRACES = 'traces are not written here';
export const WARM = 'processes are started when they are needed here';
export const GRADUAL = 'a deployment takes effect at once here';
export const STREAMS = 'there is no Kinesis here yet';
