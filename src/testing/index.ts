export { Payload } from '../payload/index.js';
export { openSqliteStore } from '../store/sqlite/index.js';
export { type Engine, type EngineOptions, openEngine } from './engine.js';
export { memoryStore } from './memory-store.js';
export { VirtualClock } from './virtual-clock.js';
